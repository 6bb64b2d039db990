/** Most paths return the same 100 bytes, each read in a different way. The others list, write and cache. */
const TEXT = "value ".padEnd(100, "abcdefghijklmnopqrstuvwxyz");
const TEN_KEYS = Array.from({ length: 10 }, (_, index) => `key:${index}`);
const LISTED = 100;
const CACHED = "https://cache.example/";
const HEADERS = { "Cache-Control": "max-age=86400" };
const MEGABYTE = new Uint8Array(1_000_000).fill(65);

let written = 0;

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/nothing":
        return new Response(TEXT);
      case "/get":
        return new Response(await env.KV.get("key:0"));
      case "/cached":
        return new Response(await env.KV.get("key:0", { cacheTtl: 60 }));
      case "/ten": {
        const values = await Promise.all(TEN_KEYS.map((key) => env.KV.get(key)));
        return new Response(values[9]);
      }
      case "/list": {
        const { keys } = await env.KV.list({ prefix: "key:" });
        return new Response(`${keys.length} keys`);
      }
      case "/put":
        await env.KV.put(`written:${written++ % 100}`, TEXT);
        return new Response(TEXT);
      case "/match":
        return caches.default.match(CACHED);
      case "/store":
        await caches.default.put(`${CACHED}${written++ % 100}`, new Response(MEGABYTE, { headers: HEADERS }));
        return new Response(TEXT);
      case "/fill":
        await caches.default.put(CACHED, new Response(TEXT, { headers: HEADERS }));
        await Promise.all(Array.from({ length: LISTED }, (_, index) => env.KV.put(`key:${index}`, TEXT)));
        return new Response("filled");
      default:
        return new Response("No such path.", { status: 404 });
    }
  },
};
