import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connect } from "./connect.js";
import { REQUEST_TIMEOUT_MS } from "./http/limits.js";
import { Requester } from "./http/requester.js";
import { KvError } from "./namespace/errors.js";
import type { KVNamespace } from "./namespace/kv-namespace.js";

type Handler = (request: IncomingMessage, response: ServerResponse, call: number) => void;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A namespace whose server is `handler`, and the requests that it got. */
async function served(
  handler: Handler,
  options: { timeoutMs?: number; token?: string; retries?: number; namespace?: string } = {},
): Promise<{ kv: KVNamespace; requests: string[] }> {
  const requests: string[] = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    handler(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { kv: connect({ url: `http://127.0.0.1:${port}/`, namespace: "my ns", ...options }), requests };
}

describe("requests", () => {
  test("go to the namespace's path, one percent-encoded segment for the key", async () => {
    const { kv, requests } = await served((_, response) => response.end("value"));
    await kv.get("a/b %?#ü", { cacheTtl: 60 });
    await kv.put("k", "v", { expirationTtl: 60, expiration: 5 });
    await kv.delete("..x");
    expect(requests).toEqual([
      "GET /binding/my%20ns/a%2Fb%20%25%3F%23%C3%BC?urlencoded=true&cache_ttl=60",
      "PUT /binding/my%20ns/k?urlencoded=true&expiration=5&expiration_ttl=60",
      "DELETE /binding/my%20ns/..x?urlencoded=true",
    ]);
  });

  test("say that they are for a list, so that no list is taken for the value of an empty key", async () => {
    const { kv, requests } = await served((_, response) =>
      response.end('{"keys":[],"list_complete":true,"count":0}'),
    );
    await kv.list();
    await kv.list({ prefix: "p", limit: 2 });
    await kv.count();
    await expect(kv.get("")).rejects.toThrow(TypeError);
    expect(requests).toEqual([
      "GET /binding/my%20ns/?prefix=",
      "GET /binding/my%20ns/?prefix=p&key_count_limit=2",
      "GET /binding/my%20ns/?count=true&prefix=",
    ]);
  });

  test("name a namespace by the form of its id that the server has", async () => {
    const { kv, requests } = await served((_, response) => response.end("v"), {
      namespace: "0F2B4C6D-8E0A-41C3-A5B7-C9D1E3F50617",
    });
    await kv.get("k");
    expect(requests).toEqual(["GET /binding/0f2b4c6d8e0a41c3a5b7c9d1e3f50617/k?urlencoded=true"]);
  });

  test.each(["5", "", null, [], true, 1.5, Number.NaN])("add no %j to a counter", async (by) => {
    const { kv, requests } = await served((_, response) => response.end('{"value":1}'));
    await expect(kv.increment("n", by as number)).rejects.toThrow(/Invalid increment/);
    const commit = kv
      .atomic()
      .increment("n", by as number)
      .commit();
    await expect(commit).rejects.toThrow(/Invalid increment/);
    expect(requests).toEqual([]);
  });

  test.each([
    [{ ifAbsent: true } as const, null],
    [{ ifVersion: 0 } as const, 0],
  ])("send the condition of an atomic put as a check: %j", async (options, version) => {
    let sent = "";
    const { kv } = await served((request, response) => {
      request.on("data", (part) => {
        sent += part;
      });
      request.on("end", () => response.end('{"ok":true,"version":1}'));
    });
    await kv.atomic().put("k", "v", options).commit();
    expect(JSON.parse(sent).checks).toEqual([{ key: "k", version }]);
  });

  test("carry the token, conditions and metadata as plain ASCII", async () => {
    const heads: IncomingMessage["headers"][] = [];
    const { kv } = await served(
      (request, response) => {
        heads.push(request.headers);
        response.setHeader("ETag", '"12"').end();
      },
      { token: "secret" },
    );
    expect(await kv.put("k", "v", { metadata: "ü\u0001", ifAbsent: true })).toEqual({
      ok: true,
      version: 12,
    });
    await kv.delete("k", { ifVersion: 7 });
    expect(heads[0]).toMatchObject({
      authorization: "Bearer secret",
      "if-none-match": "*",
      "cf-kv-metadata": '"\\u00fc\\u0001"',
    });
    expect(heads[1]).toMatchObject({ "if-match": '"7"' });
  });

  test("are repeated after a dropped connection or a 503 when they are reads", async () => {
    const { kv, requests } = await served((request, response, call) => {
      if (call === 1) request.socket.destroy();
      else if (call === 2) response.writeHead(503, { "Retry-After": "0" }).end();
      else response.end("value");
    });
    expect(await kv.get("key")).toBe("value");
    expect(requests).toHaveLength(3);
  });

  test("are not repeated when they are writes that may have been made", async () => {
    const { kv, requests } = await served((request) => request.socket.destroy());
    await expect(kv.put("key", "value")).rejects.toMatchObject({ code: "unavailable" });
    await expect(kv.increment("key")).rejects.toMatchObject({ code: "unavailable" });
    expect(requests).toHaveLength(2);
  });

  test("are repeated after a 429 even when they are writes, for that says that nothing was done", async () => {
    const { kv, requests } = await served((_, response, call) => {
      if (call === 1) response.writeHead(429, { "Retry-After": "0" }).end();
      else response.end();
    });
    await kv.put("key", "value");
    expect(requests).toHaveLength(2);
  });

  test("are given up after the retries", async () => {
    const { kv, requests } = await served((_, response) => response.writeHead(503).end(), { retries: 1 });
    await expect(kv.get("key")).rejects.toThrow("KV GET failed: 503 Service Unavailable");
    expect(requests).toHaveLength(2);
  });

  test("time out, while the answer's body is on the way too", async () => {
    const { kv } = await served(
      (_, response, call) => {
        if (call === 2) response.write("half of ");
      },
      { timeoutMs: 50, retries: 0 },
    );
    await expect(kv.get("key")).rejects.toThrow(/^KV GET failed: 503 No answer from .* within 50 ms$/);
    await expect(kv.get("key")).rejects.toThrow(/^KV GET failed: 503 No answer from .* within 50 ms$/);
  });

  test("that timed out are not sent again: the caller would wait for a multiple of the timeout", async () => {
    const { kv, requests } = await served(() => {}, { timeoutMs: 50 });
    await expect(kv.get("key")).rejects.toThrow("within 50 ms");
    expect(requests).toHaveLength(1);
    expect(REQUEST_TIMEOUT_MS).toBeLessThan(30_000);
  });

  test("a server that is not there is unavailable, with the reason", async () => {
    const kv = connect({ url: "http://127.0.0.1:2", namespace: "n", retries: 0 });
    const error: unknown = await kv.get("key").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KvError);
    expect(error).toMatchObject({ code: "unavailable", hint: expect.stringContaining("running") });
    expect(String(error)).toContain("ECONNREFUSED");
  });
});

describe("answers", () => {
  test("an error's code, text and hint come from its JSON", async () => {
    const { kv } = await served((_, response) => {
      response.writeHead(507, "Insufficient Storage");
      response.end('{"error":{"code":"storage_full","message":"The disk is full","hint":"Free some."}}');
    });
    await expect(kv.put("key", "value")).rejects.toMatchObject({
      code: "storage_full",
      message: "KV PUT failed: 507 The disk is full",
      hint: "Free some.",
    });
  });

  test.each([
    [401, "unauthorized"],
    [403, "forbidden"],
    [413, "payload_too_large"],
    [418, "bad_request"],
    [500, "internal"],
  ])("a %i without one of our codes is %s", async (status, code) => {
    const { kv } = await served((_, response) => response.writeHead(status).end("<html>"), { retries: 0 });
    await expect(kv.get("key")).rejects.toMatchObject({ code });
  });

  test("a write needs the head of its answer only, and keeps the connection for the next", async () => {
    const { kv } = await served((request, response, call) => {
      response.writeHead(200, { ETag: '"7"', "Content-Length": 11 }).flushHeaders();
      // Late, and the last time never.
      if (call < 10) setImmediate(() => response.end('{"ok":true}'));
      else setImmediate(() => request.socket.destroy());
    });
    let connections = 0;
    server?.on("connection", () => connections++);
    for (let call = 1; call < 10; call++) await kv.put("key", "value");
    // Node opens a second one when it is asked while the first is about to be free; cancelled bodies took nine.
    expect(connections).toBeLessThanOrEqual(2);
    expect(await kv.put("key", "value", { ifAbsent: true })).toEqual({ ok: true, version: 7 });
  });

  test("of a huge error only the start is read", async () => {
    let cut = false;
    const { kv } = await served(
      (_, response) => {
        response.on("close", () => {
          cut = true;
        });
        response.writeHead(500, "Broken");
        const write = () => {
          while (!cut && response.write(Buffer.alloc(65_536, " ")));
          if (!cut) response.once("drain", write);
        };
        write();
      },
      { retries: 0 },
    );
    await expect(kv.get("key")).rejects.toThrow("KV GET failed: 500 Broken");
    await vi.waitFor(() => expect(cut).toBe(true));
  });

  test("a redirect is not followed, and says where to connect", async () => {
    const { kv, requests } = await served((_, response) => {
      response.writeHead(301, { Location: "https://other.example/" }).end();
    });
    const hint = expect.stringContaining("https://other.example/");
    await expect(kv.put("key", "value")).rejects.toMatchObject({ code: "bad_request", hint });
    expect(requests).toHaveLength(1);
  });

  test("JSON that is no object is no answer of ours", async () => {
    const { kv } = await served((_, response) => response.end("null"));
    const rejected = { code: "internal", hint: expect.stringContaining("URL") };
    await expect(kv.get(["a"])).rejects.toMatchObject(rejected);
    await expect(kv.list()).rejects.toMatchObject(rejected);
    await expect(kv.increment("a")).rejects.toMatchObject(rejected);
    await expect(kv.touch("a")).rejects.toMatchObject(rejected);
  });

  test("a page that says 404 is no missing key: the URL leads elsewhere", async () => {
    const { kv } = await served((_, response) => response.writeHead(404).end("<html>Not found"));
    await expect(kv.get("key")).rejects.toMatchObject({ code: "route_not_found" });
  });

  test("404 is a missing key, unless it says that the namespace is missing", async () => {
    const { kv } = await served((_, response, call) => {
      response.writeHead(404);
      response.end(
        call === 1 ? "" : '{"error":{"code":"namespace_not_found","message":"No such namespace"}}',
      );
    });
    expect(await kv.get("key")).toBeNull();
    await expect(kv.get("key")).rejects.toMatchObject({ code: "namespace_not_found" });
  });

  test("metadata that is not JSON is a SyntaxError, raw UTF-8 in the header is read", async () => {
    const { kv } = await served((_, response, call) => {
      const header = call === 1 ? "{broken" : Buffer.from('"ü"').toString("latin1");
      response.setHeader("CF-KV-Metadata", header).setHeader("CF-Cache-Status", "HIT");
      // Bytes: with text, Node would send the head as UTF-8 as well.
      response.end(Buffer.from("value"));
    });
    await expect(kv.getWithMetadata("key")).rejects.toThrow(SyntaxError);
    expect(await kv.getWithMetadata("key")).toEqual({ value: "value", metadata: "ü", cacheStatus: "HIT" });
  });

  test("a list passes on fields that it does not know", async () => {
    const { kv } = await served((_, response) => {
      response.end(
        '{"keys":[{"name":"a","metadata":"{\\"x\\":1}","color":"red"}],"list_complete":true,"total":1}',
      );
    });
    expect(await kv.list()).toEqual({
      keys: [{ name: "a", metadata: { x: 1 }, color: "red" }],
      list_complete: true,
      total: 1,
      cacheStatus: null,
    });
  });
});

describe("watch", () => {
  const event = (version: number) =>
    `id: p${version}\nevent: put\ndata: {"key":"k","version":${version}}\n\n`;

  test("resumes after the last position seen when the connection is cut", async () => {
    const { kv, requests } = await served((request, response, call) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(call === 1 ? event(5) + event(6) : event(7), () => {
        if (call === 1) request.socket.destroy();
      });
    });
    const versions: number[] = [];
    for await (const { version } of kv.watch({ prefix: "k", since: "p4" })) {
      if (versions.push(version) === 3) break;
    }
    expect(versions).toEqual([5, 6, 7]);
    expect(requests).toEqual([
      "GET /binding/my%20ns/?watch=true&prefix=k&since=p4",
      "GET /binding/my%20ns/?watch=true&prefix=k&since=p6",
    ]);
  });

  test("resumes where the server began when the connection is cut before anything happened", async () => {
    const { kv, requests } = await served((request, response, call) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(call === 1 ? ":\n\nid: p41\n\n" : event(42), () => {
        if (call === 1) request.socket.destroy();
      });
    });
    const { value } = await kv.watch()[Symbol.asyncIterator]().next();
    expect(value).toEqual({ type: "put", key: "k", version: 42, position: "p42" });
    expect(requests[1]).toBe("GET /binding/my%20ns/?watch=true&since=p41");
  });

  test("resumes where a heartbeat said that nothing else was to tell", async () => {
    const { kv, requests } = await served((request, response, call) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(call === 1 ? `${event(5)}id: p900\n\n:\n\n` : event(901), () => {
        if (call === 1) request.socket.destroy();
      });
    });
    const versions: number[] = [];
    for await (const { version } of kv.watch({ prefix: "k", since: "p4" })) {
      if (versions.push(version) === 2) break;
    }
    expect(versions).toEqual([5, 901]);
    expect(requests[1]).toBe("GET /binding/my%20ns/?watch=true&prefix=k&since=p900");
  });

  test("ends with return(), also while it waits for a change", async () => {
    const { kv } = await served((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(event(5));
    });
    const changes = kv.watch({ since: "p4" })[Symbol.asyncIterator]();
    expect((await changes.next()).value).toMatchObject({ version: 5 });
    const waiting = changes.next();
    expect(await changes.return?.()).toMatchObject({ done: true });
    expect(await waiting).toMatchObject({ done: true });
    expect(await changes.next()).toMatchObject({ done: true });
  });

  test("cut off within a commit, it resumes there and tells nothing twice", async () => {
    const part = (at: number, key: string, more?: true) =>
      `id: p6.${at}\nevent: put\ndata: ${JSON.stringify({ key, version: 6, more })}\n\n`;
    const { kv, requests } = await served((request, response, call) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const sent = [event(5) + part(1, "a", true), part(2, "b", true), part(3, "c") + event(7)];
      response.write(sent[call - 1], () => {
        if (call < 3) request.socket.destroy();
      });
    });
    const seen: string[] = [];
    for await (const { key, version, position, more } of kv.watch({ since: "p4" })) {
      seen.push(`${key} ${version} ${position}${more ? " and more" : ""}`);
      if (version === 7) break;
    }
    expect(seen).toEqual(["k 5 p5", "a 6 p6.1 and more", "b 6 p6.2 and more", "c 6 p6.3", "k 7 p7"]);
    expect(requests.map((request) => request.replace(/.*since=/, ""))).toEqual(["p4", "p6.1", "p6.2"]);
  });

  test("rejects when it fell behind, and when it is refused", async () => {
    const { kv } = await served((_, response, call) => {
      if (call === 1) response.end('event: error\ndata: {"code":"watch_behind","message":"too slow"}\n\n');
      else response.writeHead(401).end();
    });
    await expect(kv.watch()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "watch_behind" });
    await expect(kv.watch()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "unauthorized" });
  });
});

describe("what the caller got wrong", () => {
  test.each(["localhost:8788", "/binding", "", "ftp://127.0.0.1"])("a URL that cannot be one: %j", (url) => {
    expect(() => connect({ url, namespace: "n" })).toThrow(/^connect\(\) needs the API's URL/);
  });

  test.each(["sec\nret", "sec ret", "sécret", ""])(
    "a token that cannot be one, which is not shown: %j",
    (token) => {
      const text = (() => {
        try {
          connect({ url: "http://127.0.0.1", namespace: "n", token });
        } catch (error) {
          return String(error);
        }
        return "";
      })();
      expect(text).toMatch(/^TypeError: connect\(\) was given a token/);
      if (token !== "") expect(text).not.toContain(token);
    },
  );

  test("what fetch refuses to send is the caller's error, not the network's, and not repeated", async () => {
    let calls = 0;
    const fetch = async (url: string, init: RequestInit) => {
      calls++;
      return globalThis.fetch(url, init);
    };
    const requester = new Requester({ base: "http://127.0.0.1:9", fetch, headers: { "X-Bad": "a\nb" } });
    await expect(requester.send("/key", { safe: true })).rejects.toThrow(TypeError);
    expect(calls).toBe(1);
  });

  test("what a fetch of its own fails with stays a network failure", async () => {
    const fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    const kv = connect({ url: "http://127.0.0.1:9", namespace: "n", fetch, retries: 0 });
    await expect(kv.put("k", new Uint8Array(1))).rejects.toThrow("503 Could not reach");
  });

  test("a put that is repeated sends what the buffer held at the call", async () => {
    const bodies: string[] = [];
    const { kv } = await served((request, response, call) => {
      request.setEncoding("utf8").on("data", (text: string) => bodies.push(text));
      request.on("end", () => response.writeHead(call === 1 ? 429 : 200, { "Retry-After": "0" }).end());
    });
    for (const value of [Buffer.from("first"), new Uint8Array(Buffer.from("first"))]) {
      bodies.length = 0;
      const written = kv.put("k", value);
      value.fill(120);
      await written;
      expect(bodies.every((body) => body === "first")).toBe(true);
    }
    expect(bodies.length).toBeGreaterThan(0);
  });
});
