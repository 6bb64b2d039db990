import { DurableObject } from "cloudflare:workers";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** Hands the message of one request to the server, and its reply to the response. */
class OneRequestTransport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  #reply: (message: JSONRPCMessage) => void = () => {};
  async start() {}
  async close() {}
  async send(message: JSONRPCMessage) {
    this.#reply(message);
  }
  receive(message: JSONRPCMessage): Promise<JSONRPCMessage> {
    return new Promise((resolve) => {
      this.#reply = resolve;
      this.onmessage?.(message);
    });
  }
}

export class NotesServer extends DurableObject<any> {
  #transport = new OneRequestTransport();
  #ready: Promise<void>;

  constructor(state: any, env: any) {
    super(state, env);
    const server = new McpServer({ name: "notes", version: "1.0.0" });
    server.registerTool(
      "remember",
      { description: "Keeps a note", inputSchema: { name: z.string(), text: z.string() } },
      async ({ name, text }) => {
        await env.NOTES.put(name, text);
        const count = ((await state.storage.get("count")) ?? 0) + 1;
        await state.storage.put("count", count);
        return { content: [{ type: "text", text: `note ${count} kept` }] };
      },
    );
    this.#ready = server.connect(this.#transport);
  }

  async fetch(request: Request): Promise<Response> {
    await this.#ready;
    const message = (await request.json()) as JSONRPCMessage;
    if (!("id" in message)) {
      this.#transport.onmessage?.(message);
      return new Response(null, { status: 202 });
    }
    return Response.json(await this.#transport.receive(message));
  }
}

export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/mcp") {
      const session = request.headers.get("Mcp-Session-Id") ?? "first";
      return env.NOTES_SERVER.get(env.NOTES_SERVER.idFromName(session)).fetch(request);
    }
    return new Response(await env.NOTES.get(pathname.slice(1)));
  },
};
