export default {
  async fetch(request, env) {
    const { host, pathname } = new URL(request.url);
    if (request.method === "PUT") await env.USERS.put(pathname, await request.text());
    return Response.json({
      host,
      pathname,
      by: request.headers.get("x-user"),
      value: await env.USERS.get(pathname),
    });
  },
};
