export default {
  async fetch(request, environment, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/headers") {
      const headers = new Headers();
      headers.append("Set-Cookie", "a=1; Path=/");
      headers.append("Set-Cookie", "b=2; HttpOnly");
      headers.set("X-Many", "1");
      headers.append("X-Many", "2");
      return new Response("two cookies", { headers });
    }
    if (pathname === "/list") {
      const { keys, list_complete, cursor } = await environment.LINKS.list({ prefix: "link:", limit: 2 });
      return new Response(JSON.stringify({ keys, list_complete, cursor: cursor === undefined }));
    }
    if (pathname === "/big") return new Response(new Uint8Array(100000).fill(65));
    const to = searchParams.get("to");
    if (to) {
      await environment.LINKS.put(`link:${pathname}`, to, { expirationTtl: 3600, metadata: { to } });
      return new Response("saved");
    }
    const target = await environment.LINKS.get(`link:${pathname}`);
    return target ? Response.redirect(target, 302) : new Response("unknown link", { status: 404 });
  },
};
