let misses = 0;

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const cache = url.pathname.startsWith("/named") ? await caches.open("named") : caches.default;
    const key = new Request(new URL(url.pathname, "https://cache.example"), request);
    if (request.method === "PURGE") return Response.json({ deleted: await cache.delete(key.url) });
    if (request.method === "PUT") {
      await env.ORIGIN.put(url.pathname, await request.text());
      return new Response("stored");
    }
    const hit = await cache.match(key);
    if (hit !== undefined) {
      const response = new Response(hit.body, hit);
      response.headers.set("X-Cache", "HIT");
      return response;
    }
    misses += 1;
    const value = await env.ORIGIN.get(url.pathname);
    const response = new Response(value ?? "missing", {
      status: value === null ? 404 : 200,
      headers: {
        "Cache-Control": url.searchParams.get("control") ?? "public, max-age=60",
        ETag: `"${value}"`,
        "Last-Modified": "Sun, 01 Jan 2023 00:00:00 GMT",
        "X-Misses": String(misses),
      },
    });
    const cookie = url.searchParams.get("cookie");
    if (cookie !== null) response.headers.append("Set-Cookie", cookie);
    try {
      await cache.put(key, response.clone());
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`, { status: 500 });
    }
    return response;
  },
};
