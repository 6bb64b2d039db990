export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/throw":
        throw new TypeError("thrown");
      case "/string":
        throw "only a string";
      case "/nothing":
        return undefined;
      case "/wrong":
        return { not: "a response" };
      case "/status":
        return new Response("teapot", { status: 418 });
      case "/background":
        ctx.waitUntil(Promise.reject(new Error("later")));
        return new Response("sent");
      case "/used":
        return new Response(await Promise.all([request.text(), request.text()]));
      case "/pass":
        ctx.passThroughOnException();
        return new Response("passed");
      default: {
        const names = [];
        for (const attempt of [
          () => env.KV.get(""),
          () => env.KV.put("k".repeat(513), "v"),
          () => env.KV.put("k", "v", { expirationTtl: 1 }),
          () => env.KV.get("k", { type: "nonsense" }),
          () => env.KV.get(["a"], "arrayBuffer"),
          () => env.KV.list({ limit: 5000 }),
          () => env.KV.put("k", {}),
        ]) {
          try {
            await attempt();
            names.push("no error");
          } catch (error) {
            names.push(`${error.name}: ${error.message}`);
          }
        }
        return Response.json(names);
      }
    }
  },
};
