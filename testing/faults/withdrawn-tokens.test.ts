/**
 * Faults tolerated here: a token expires or is revoked, by any process, while requests that it allowed are in
 * flight. These requests end: the server delivers nothing more and reads nothing more. Requests with other
 * tokens continue.
 */
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { join } from "node:path";
import { connect, type KVNamespace, KvError } from "@kvasir/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { createToken, revokeToken } from "../../packages/kvasir/src/api/auth/tokens.js";
import { ADMIN_TOKEN, startApi, type TestApi } from "../harness/api.js";
import { kvasirOk } from "../harness/command.js";
import { serve } from "../harness/kvasir-process.js";
import { TOKEN } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

interface Withdrawn {
  readonly api: TestApi;
  readonly token: string;
  /** The namespace, accessed with the token. */
  readonly kv: KVNamespace;
  /** The same namespace, accessed with another token. */
  readonly other: KVNamespace;
  revoke(): Promise<unknown>;
}

async function start({ expiresInMs }: { readonly expiresInMs?: number } = {}): Promise<Withdrawn> {
  const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const { store } = api.database;
  const expiresMs = expiresInMs === undefined ? undefined : api.clock.nowMs() + expiresInMs;
  const { token, record } = await createToken(store, { scope: "write", clock: api.clock, expiresMs });
  const { token: others } = await createToken(store, { scope: "write", clock: api.clock });
  const reach = (held: string) =>
    connect({ url: api.url, namespace: api.namespaceId, token: held, retries: 0 });
  return { api, token, kv: reach(token), other: reach(others), revoke: () => revokeToken(store, record.id) };
}

/** A watch that is known to have begun, because it has delivered a change. */
async function watching(kv: KVNamespace, writer: KVNamespace) {
  const since = await writer.position();
  await writer.put("before", "v");
  const changes = kv.watch({ since })[Symbol.asyncIterator]();
  onTestFinished(async () => void (await changes.return?.().catch(() => {})));
  expect((await changes.next()).value).toMatchObject({ key: "before" });
  return changes;
}

/** The code of the error, or the result if there is no error. */
async function codeOf(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    (value) => `it went on with ${JSON.stringify(value)}`,
    (error: unknown) => (error instanceof KvError ? error.code : String(error)),
  );
}

/** Sends a request unchanged and keeps the connection open. */
function send({ api }: Withdrawn, text: string): Socket {
  const socket = connectSocket(Number(new URL(api.url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(text);
  return socket;
}

const headOf = (method: string, path: string, token: string, headers = "") =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n`;

describe("a token that is revoked", () => {
  test("ends its watches, which say why; those of other tokens go on", async () => {
    const withdrawn = await start();
    const { kv, other, revoke } = withdrawn;
    const mine = await watching(kv, other);
    const theirs = other.watch()[Symbol.asyncIterator]();
    const next = theirs.next();
    const ended = codeOf(mine.next());
    await revoke();
    expect(await ended).toBe("unauthorized");
    await other.put("after", "v");
    expect((await next).value).toMatchObject({ key: "after" });
    await theirs.return?.();
  });

  test.each([
    ["read from the socket", ""],
    ["read by node:http", "TE: trailers\r\n"],
  ])("ends a watch with an event, on a connection %s", async (_, headers) => {
    const withdrawn = await start();
    const { api, token, revoke } = withdrawn;
    const socket = send(withdrawn, headOf("GET", `${api.binding}/?watch=true`, token, headers));
    let text = String((await once(socket, "data"))[0]);
    socket.on("data", (part) => {
      text += String(part);
    });
    await revoke();
    await expect.poll(() => text).toContain("event: error\ndata: ");
    expect(text).toContain('"code":"unauthorized"');
    await expect.poll(() => text).toMatch(/0\r\n\r\n$/);
  });

  test.each(["binding", "cloudflare", "telnyx"])("refuses a body that is arriving (%s)", async (dialect) => {
    const withdrawn = await start();
    const { api, token, kv, other, revoke } = withdrawn;
    const paths: Record<string, string> = {
      binding: `${api.binding}/key`,
      cloudflare: `${api.cloudflare}/values/key`,
      telnyx: `/v2/storage/kvs/${api.namespaceId}/keys/key`,
    };
    const headers = "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n";
    const socket = send(withdrawn, headOf("PUT", paths[dialect] as string, token, headers));
    // Sent when the handler begins to read the body.
    expect(String((await once(socket, "data"))[0])).toContain("100 Continue");
    socket.write("3\r\nabc\r\n");
    await revoke();
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1.1 401 /);
    expect(await codeOf(kv.get("key"))).toBe("unauthorized");
    expect(await other.get("key")).toBe(null);
  });

  test("cuts a long response", async () => {
    const withdrawn = await start();
    const { api, token, other, revoke } = withdrawn;
    const bytes = 20 * 1024 * 1024;
    await other.put("large", new Uint8Array(bytes));
    const socket = send(withdrawn, headOf("GET", `${api.binding}/large`, token));
    let received = 0;
    // At 3 MB a second, the whole response would take six seconds.
    socket.on("data", (part) => {
      received += part.length;
      socket.pause();
      setTimeout(() => socket.resume(), (part.length / 65_536) * 20);
    });
    await once(socket, "data");
    await revoke();
    await once(socket, "close");
    expect(received).toBeLessThan(bytes);
  });
});

describe("a token that expires", () => {
  test("ends its watches at once: what is written after its time is not delivered", async () => {
    const { api, kv, other } = await start({ expiresInMs: 1000 });
    const mine = await watching(kv, other);
    const ended = codeOf(mine.next());
    api.clock.advance(1000);
    await other.put("after", "v");
    expect(await ended).toBe("unauthorized");
  });

  test("ends its watches also where nothing is written", async () => {
    const { api, kv, other } = await start({ expiresInMs: 1000 });
    const mine = await watching(kv, other);
    const ended = codeOf(mine.next());
    api.clock.advance(1000);
    expect(await ended).toBe("unauthorized");
  });
});

test("a namespace that is deleted ends its watches", async () => {
  const { api, kv, other } = await start();
  const mine = await watching(kv, other);
  const ended = codeOf(mine.next());
  await api.database.catalog.delete(api.namespaceId);
  expect(await ended).toBe("namespace_not_found");
});

describe("by a command on the data directory of a serve with two workers", () => {
  const WATCHES = 6;

  async function startServe() {
    const data = join(temporaryDirectory(), "data");
    const server = serve(data, ["--workers", "2"]);
    onTestFinished(() => server.kill());
    const api = await server.ready();
    const namespace = await api.createNamespace("watched");
    const made = await kvasirOk(["token", "create", "--scope", "read", "--data", data, "--json"]);
    const { token, id } = JSON.parse(made) as { token: string; id: string };
    const writer = connect({ url: api.url, namespace, token: TOKEN });
    // One connection each, so that both workers have some.
    const endings: Promise<string>[] = [];
    for (let count = 0; count < WATCHES; count++) {
      const kv = connect({ url: api.url, namespace, token, retries: 0 });
      const changes = await watching(kv, writer);
      await writer.delete("before");
      endings.push(codeOf(drain(changes)));
    }
    return { data, namespace, id, endings };
  }

  async function drain(changes: AsyncIterator<unknown>): Promise<void> {
    while (!(await changes.next()).done);
  }

  test("a revoked token ends its watches", async () => {
    const { data, id, endings } = await startServe();
    await kvasirOk(["token", "revoke", id, "--data", data]);
    expect(await Promise.all(endings)).toEqual(endings.map(() => "unauthorized"));
  });

  test("a deleted namespace ends its watches", async () => {
    const { data, namespace, endings } = await startServe();
    await kvasirOk(["kv", "namespace", "delete", "--namespace-id", namespace, "--data", data, "-y"]);
    expect(await Promise.all(endings)).toEqual(endings.map(() => "namespace_not_found"));
  });
});
