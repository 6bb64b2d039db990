import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApi, type TestApi } from "../../harness/api.js";
import { operationsOf, pathFor } from "../operations.js";

// Tests routes with unexpected methods, on a connection that must stay usable.

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
  await api.database.namespaceById(api.namespaceId).put("key", "value");
});
afterAll(() => api.stop());

const WAYS = [
  ["read from the socket", ""],
  ["read by Node's server", "TE: trailers\r\n"],
] as const;

/** The one response to a request that is followed by another, up to the start of the second response. */
async function answerTo(method: string, path: string, headers: string): Promise<string> {
  const socket = connect(api.server.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  const host = "Host: localhost\r\n";
  socket.write(`${method} ${path} HTTP/1.1\r\n${host}${headers}\r\nGET /healthz HTTP/1.1\r\n${host}\r\n`);
  const last = /HTTP\/1\.1 200 OK\r\n(?:[^\r]|\r(?!\n\r\n))*\r\n\r\n\{"status":"ok"\}$/;
  while (!last.test(text))
    await Promise.race([once(socket, "data"), once(socket, "end").then(() => expect.fail(text))]);
  socket.destroy();
  return text.replace(last, "");
}

/** All paths of the API, including those whose operation depends on the query. */
async function paths(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const { path, method } of await operationsOf(api)) {
    const methods = found.get(pathFor(path, api)) ?? new Set();
    found.set(pathFor(path, api), methods.add(method));
  }
  const reads = new Set(["GET"]);
  for (const query of ["watch=true", "count=true", "values=true"])
    found.set(`${api.binding}/?${query}`, reads);
  return found;
}

describe.each(WAYS)("on a connection %s", (_, headers) => {
  it("HEAD is answered with the head of a GET, on every route", async () => {
    for (const [path, methods] of await paths()) {
      const answer = await answerTo("HEAD", path, headers);
      expect(answer.indexOf("\r\n\r\n"), `${path}: ${answer}`).toBe(answer.length - 4);
      const allowed = methods.has("GET");
      expect(answer.startsWith("HTTP/1.1 405 "), `${path}: ${answer}`).toBe(!allowed);
    }
  });

  it("HEAD of a watch is the head of one, and watches nothing", async () => {
    const answer = await answerTo("HEAD", `${api.binding}/?watch=true`, headers);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nContent-Type: text\/event-stream\r\n/);
    const metrics = await (await api.fetch("/metrics")).text();
    expect(metrics).toMatch(/^kvasir_http_event_streams 0$/m);
  });

  it("OPTIONS says which methods there are, on every route", async () => {
    for (const [path, methods] of await paths()) {
      const answer = await answerTo("OPTIONS", path, headers);
      expect(answer, path).toMatch(/^HTTP\/1\.1 204 /);
      const allow = /\r\nAllow: ([^\r]*)/.exec(answer)?.[1]?.split(", ");
      for (const method of methods) expect(allow, path).toContain(method);
    }
  });

  it.each(["PATCH", "TRACE", "PROPFIND"])("%s is refused on every route", async (method) => {
    for (const path of (await paths()).keys()) {
      expect(await answerTo(method, path, headers), path).toMatch(/^HTTP\/1\.1 405 (.|\r\n)*\r\nAllow: /);
    }
  });
});
