/** The same 100 bytes on each path, read in another way. */
const TEXT = "value ".padEnd(100, "abcdefghijklmnopqrstuvwxyz");

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/nothing":
        return new Response(TEXT);
      case "/get":
        return new Response(await env.KV.get("key"));
      case "/cached":
        return new Response(await env.KV.get("key", { cacheTtl: 60 }));
      case "/fill":
        await env.KV.put("key", TEXT);
        return new Response("filled");
      default:
        return new Response("No such path.", { status: 404 });
    }
  },
};
