import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { startApi, type TestApi } from "../../harness/api.js";

/** Sends a request, ends the connection in one of two ways, and waits for nothing. */
const CLIENT = `
  const [port, request, ending] = process.argv.slice(1);
  const socket = require("node:net").connect(Number(port), "127.0.0.1");
  socket.on("close", () => process.exit()).on("finish", () => process.exit());
  socket.write(request, () => socket[ending]());
`;

/** The server is this process: it accepts no connection before the client has ended. */
function sendAndLeave(api: TestApi, path: string, ending: "end" | "resetAndDestroy"): void {
  const request = `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nvalue`;
  execFileSync(process.execPath, ["-e", CLIENT, String(api.server.port), request, ending]);
}

describe("a connection whose client has gone before it was accepted", () => {
  it("is dropped where the client has reset it: no response could be sent", async () => {
    const api = await startApi();
    sendAndLeave(api, `${api.binding}/key`, "resetAndDestroy");
    // The connection of this request is accepted after the other one.
    expect((await api.fetch("/healthz")).status).toBe(200);
    expect(await api.database.namespaceById(api.namespaceId).get("key")).toBeNull();
  });

  it("is served where the client has only closed its side: it may read the response yet", async () => {
    const api = await startApi();
    sendAndLeave(api, `${api.binding}/key`, "end");
    const key = () => api.database.namespaceById(api.namespaceId).get("key");
    await expect.poll(key).toBe("value");
  });
});
