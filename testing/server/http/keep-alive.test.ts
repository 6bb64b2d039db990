import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startApi } from "../../harness/api.js";

const REQUEST = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

describe("a connection between two requests", () => {
  it("is kept as long as the answer says", async () => {
    const api = await startApi();
    const answer = await api.fetch("/healthz");
    expect(answer.headers.get("keep-alive")).toBe("timeout=75");
  });

  it("is closed when no request comes", async () => {
    const limits = { keepAliveTimeoutMs: 50, timeoutCheckIntervalMs: 10 };
    const api = await startApi({ limits });
    const socket = connect(api.server.port, "127.0.0.1");
    socket.write(REQUEST);
    await once(socket, "data");
    socket.resume();
    await once(socket, "close");
  });

  it("outlives the time that a request under way may be silent", async () => {
    const limits = { socketIdleTimeoutMs: 20, timeoutCheckIntervalMs: 5 };
    const api = await startApi({ limits });
    const silent = connect(api.server.port, "127.0.0.1");
    const idle = connect(api.server.port, "127.0.0.1");
    idle.write(REQUEST);
    await once(idle, "data");
    silent.on("error", () => {}).resume();
    silent.write(`PUT ${api.binding}/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n`);
    // Later than the idle connection could have been cut.
    await once(silent, "close");
    idle.write(REQUEST);
    const [answer] = await once(idle, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    idle.destroy();
  });
});
