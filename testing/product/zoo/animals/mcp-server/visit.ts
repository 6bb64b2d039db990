import type { Animal } from "../../animal.js";

const rpc = (id: number | undefined, method: string, params: object) => ({
  headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
  body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
});

const animal: Animal = {
  like: "MCP servers whose sessions are Durable Objects, with KV for what they keep",
  packages: ["@modelcontextprotocol/sdk", "zod"],
  async visit({ send }) {
    const client = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "zoo", version: "1" },
    };
    await send("POST /mcp", { ...rpc(1, "initialize", client), shows: '"name":"notes"' });
    await send("POST /mcp", { ...rpc(undefined, "notifications/initialized", {}), status: 202 });
    await send("POST /mcp", { ...rpc(2, "tools/list", {}), shows: '"remember"' });
    const call = { name: "remember", arguments: { name: "hat", text: "blue" } };
    await send("POST /mcp", { ...rpc(3, "tools/call", call), shows: "note 1 kept" });
    await send("POST /mcp", { ...rpc(4, "tools/call", call), shows: "note 2 kept" });
    await send("POST /mcp", { ...rpc(5, "tools/call", { name: "none", arguments: {} }), shows: "none" });
    await send("GET /hat", { shows: "blue" });
  },
};
export default animal;
