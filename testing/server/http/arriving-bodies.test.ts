import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { ADMIN_TOKEN, startApi, type TestApi } from "../../harness/api.js";

// A request is handled when its head has arrived: a refusal does not wait for the body, and an accepted body
// is held as it arrives.

const headOf = (api: TestApi, { token, length }: { token: string; length: number }) =>
  `PUT ${api.binding}/key HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
  `Content-Length: ${length}\r\n\r\n`;

function connectTo(api: TestApi): Socket {
  const socket = connect({ port: api.server.port, host: "127.0.0.1", noDelay: true });
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function answer(socket: Socket): Promise<string> {
  const [part] = await once(socket, "data");
  return String(part);
}

describe("a body that comes slowly", () => {
  it("is not waited for where its request is refused, and its connection goes on after it", async () => {
    const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
    const socket = connectTo(api);
    socket.write(headOf(api, { token: "wrong", length: 65_536 }));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 401 /);
    socket.write("x".repeat(65_535));
    socket.write(`x${headOf(api, { token: ADMIN_TOKEN, length: 5 })}va`);
    socket.write("lue");
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await api.database.namespaceById(api.namespaceId).get("key")).toBe("value");
  });

  it("is not waited for where nobody wants it", async () => {
    const api = await startApi();
    const socket = connectTo(api);
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345");
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 200 /);
    socket.write("67890GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each([
    ["with a token", ADMIN_TOKEN],
    ["without one", "wrong"],
  ])("byte by byte, takes no more memory than what has come, %s", async (_, token) => {
    const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
    const sockets = Array.from({ length: 20 }, () => connectTo(api));
    for (const socket of sockets) socket.resume().write(headOf(api, { token, length: 4000 }));
    const before = heldBytes();
    for (let byte = 0; byte < 3000; byte++) {
      for (const socket of sockets) socket.write("x");
      await new Promise(setImmediate);
    }
    // 60,000 bytes have arrived. As many objects would take 8 MB.
    expect(heldBytes() - before).toBeLessThan(2_000_000);
  });
});

describe("a head that comes slowly", () => {
  it("byte by byte, takes no more memory than what has come", async () => {
    const api = await startApi();
    const sockets = Array.from({ length: 20 }, () => connectTo(api));
    for (const socket of sockets) socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ");
    const before = heldBytes();
    for (let byte = 0; byte < 3000; byte++) {
      for (const socket of sockets) socket.write("x");
      await new Promise(setImmediate);
    }
    expect(heldBytes() - before).toBeLessThan(2_000_000);
    for (const socket of sockets) {
      socket.write("\r\n\r\n");
      expect(await answer(socket)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

/** The memory of this process, server and clients, after a garbage collection. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
