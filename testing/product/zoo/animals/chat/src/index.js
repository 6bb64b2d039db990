export class Room {
  constructor(state) {
    this.state = state;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }
  async fetch(request) {
    const name = new URL(request.url).searchParams.get("name");
    const [client, server] = Object.values(new WebSocketPair());
    this.state.acceptWebSocket(server, [name]);
    server.serializeAttachment({ name, joined: this.state.getWebSockets().length });
    return new Response(null, { status: 101, webSocket: client });
  }
  async webSocketMessage(socket, message) {
    const { name, joined } = socket.deserializeAttachment();
    const total = ((await this.state.storage.get("total")) ?? 0) + 1;
    await this.state.storage.put("total", total);
    for (const each of this.state.getWebSockets())
      each.send(JSON.stringify({ name, joined, message, total }));
  }
  webSocketClose(socket, code) {
    socket.close(code, "closed");
  }
}

export default {
  fetch(request, env) {
    const room = new URL(request.url).pathname;
    if (request.headers.get("Upgrade") !== "websocket")
      return new Response("join with a WebSocket", { status: 400 });
    return env.ROOMS.get(env.ROOMS.idFromName(room)).fetch(request);
  },
};
