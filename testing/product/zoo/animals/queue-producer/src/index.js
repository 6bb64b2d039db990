export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/search") {
      const { results } = await env.DB.prepare("SELECT ? AS word").bind("a").all();
      return Response.json(results);
    }
    env.POINTS.writeDataPoint({ blobs: [request.method], doubles: [1], indexes: [pathname] });
    if (request.method === "PUT") {
      await env.NOTES.put(pathname, request.body);
      ctx.waitUntil(env.JOBS.send({ indexed: pathname }));
      return new Response("saved", { status: 201 });
    }
    if (request.method === "DELETE") {
      const queued = await env.JOBS.sendBatch([{ body: pathname }]).then(
        () => true,
        () => false,
      );
      await env.NOTES.delete(pathname);
      return Response.json({ deleted: pathname, queued: typeof queued });
    }
    const note = await env.NOTES.get(pathname);
    return note === null ? new Response("none", { status: 404 }) : new Response(note);
  },
};
