export default {
  async fetch(request, env, ctx) {
    if (request.headers.get("Upgrade") !== "websocket") {
      if (new URL(request.url).pathname === "/log") return new Response(await env.LOG.get("last"));
      return new Response("expected a WebSocket", { status: 426 });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    let count = 0;
    server.addEventListener("message", async ({ data }) => {
      count += 1;
      if (data === "bytes") return server.send(new Uint8Array([1, 2, 255]));
      await env.LOG.put("last", data);
      server.send(JSON.stringify({ echo: data, count }));
    });
    return new Response(null, { status: 101, webSocket: client });
  },
};
