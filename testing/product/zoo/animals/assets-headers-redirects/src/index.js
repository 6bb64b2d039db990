export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/whoami") return new Response(`worker ${env.STAGE}`);
    if (url.pathname === "/rewritten") return env.ASSETS.fetch(new URL("/docs/intro", url));
    const response = await env.ASSETS.fetch(request);
    if (response.status === 404) return new Response(`nothing at ${url.pathname}`, { status: 404 });
    const own = new Response(response.body, response);
    own.headers.set("X-Worker", "first");
    return own;
  },
};
