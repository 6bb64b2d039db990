import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startApi } from "../../harness/api.js";
import { sendRaw } from "../../harness/raw.js";

describe("closing a server", () => {
  it("finishes what is under way, takes nothing new, and lets go of idle connections", async () => {
    const api = await startApi();
    const { port } = api.server;
    const idle = connect(port, "127.0.0.1");
    idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "data");
    const busy = connect(port, "127.0.0.1");
    const expect100 = "Expect: 100-continue\r\n";
    busy.write(
      `PUT ${api.binding}/key HTTP/1.1\r\nHost: localhost\r\n${expect100}Content-Length: 100000\r\n\r\n`,
    );
    // When the server asks for the body, the handler has begun.
    await once(busy, "data");
    busy.write("x".repeat(50_000));
    let answer = "";
    busy.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
    });
    const closed = api.server.close();
    await once(idle, "close");
    await expect(sendRaw(port, ["GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"])).rejects.toThrow();
    busy.write("x".repeat(50_000));
    await Promise.all([closed, once(busy, "close")]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/Connection: close/i);
    const stored = await api.database.namespaceById(api.namespaceId).get("key");
    expect(stored).toHaveLength(100_000);
  });

  it("cuts what takes too long, and keeps nothing of it", async () => {
    const api = await startApi({ limits: { shutdownGraceMs: 50 } });
    const slow = connect(api.server.port, "127.0.0.1");
    slow.on("error", () => {});
    slow.write(`PUT ${api.binding}/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx`);
    await once(slow, "connect");
    await (await api.fetch("/healthz")).text();
    await api.server.close();
    expect(await api.database.namespaceById(api.namespaceId).get("key")).toBeNull();
  });
});
