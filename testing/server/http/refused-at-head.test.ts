import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, openApi, type TestApi } from "../../harness/api.js";
import { sendRaw } from "../../harness/raw.js";

// An unwanted body is refused at its head: the client sends none of it, and no memory is held for it.

let api: TestApi;
let readToken: string;
beforeAll(async () => {
  api = await openApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const created = await api.fetch("/kvasir/tokens", {
    method: "POST",
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    body: '{"scope":"read"}',
  });
  readToken = ((await created.json()) as { token: string }).token;
});
afterAll(() => api.stop());

interface Row {
  readonly what: string;
  readonly status: number;
  readonly method?: string;
  /** `{ns}` is the namespace, `{none}` one that does not exist. */
  readonly path: string;
  readonly token?: () => string;
  readonly headers?: string;
}

const LARGE = "Content-Length: 90000000\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const CLOUDFLARE = "/client/v4/accounts/a/storage/kv/namespaces";
const FORM = "Content-Type: multipart/form-data; boundary=b\r\n";

const ROWS: readonly Row[] = [
  { what: "an unknown token", status: 401, path: "/binding/{ns}/k", token: () => "unknown" },
  { what: "too small a scope", status: 403, path: "/binding/{ns}/k", token: () => readToken },
  { what: "an unknown route", status: 404, path: "/client/v4/zones" },
  { what: "a method that is not allowed", status: 405, method: "POST", path: "/binding/{ns}/k" },
  { what: "no such namespace", status: 404, path: "/binding/{none}/k" },
  { what: "no such namespace, Cloudflare", status: 404, path: `${CLOUDFLARE}/{none}/values/k` },
  { what: "a bulk write to no such namespace", status: 404, path: `${CLOUDFLARE}/{none}/bulk` },
  { what: "chunks for no such namespace", status: 404, path: `${CLOUDFLARE}/{none}/bulk`, headers: CHUNKED },
  { what: "no such namespace, Telnyx", status: 404, path: "/v2/storage/kvs/{none}/keys/k" },
  { what: "too large a value", status: 413, path: "/binding/{ns}/k" },
  { what: "too large a value, Cloudflare", status: 413, path: `${CLOUDFLARE}/{ns}/values/k` },
  { what: "too large a form", status: 413, path: `${CLOUDFLARE}/{ns}/values/k`, headers: FORM + LARGE },
  { what: "too large a value, Telnyx", status: 413, path: "/v2/storage/kvs/{ns}/keys/k" },
  { what: "too large a commit", status: 413, method: "POST", path: "/binding/{ns}/bulk/atomic" },
  { what: "too large a title", status: 413, method: "POST", path: CLOUDFLARE },
  { what: "a GET with a large body", status: 413, method: "GET", path: "/binding/{ns}/k" },
  { what: "a GET with chunks", status: 413, method: "GET", path: "/binding/{ns}/k", headers: CHUNKED },
  { what: "a DELETE with a large body", status: 413, method: "DELETE", path: "/binding/{ns}/k" },
];

function headOf(
  { method = "PUT", path, token = () => ADMIN_TOKEN, headers = LARGE }: Row,
  more = "",
): string {
  const target = path.replace("{ns}", api.namespaceId).replace("{none}", "0".repeat(32));
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token()}\r\n${headers}${more}\r\n`;
}

describe("is refused before any of it is sent", () => {
  it.each(ROWS)("$what", async (row) => {
    const answer = await sendRaw(api.server.port, [headOf(row)], { until: /\r\n\r\n./ });
    expect(answer.status).toBe(row.status);
  });
});

describe("is not asked for where the client waits for leave to send it", () => {
  it.each(ROWS)("$what", async (row) => {
    const answer = await sendRaw(api.server.port, [headOf(row, "Expect: 100-continue\r\n")]);
    expect(answer.status).toBe(row.status);
    expect(answer.text).not.toContain("100 Continue");
    expect(answer.text).toContain("Connection: close\r\n");
  });
});

it("a small body of a request that takes none is passed over", async () => {
  const small: Row = {
    what: "",
    status: 404,
    method: "GET",
    path: "/binding/{ns}/k",
    headers: "TE: x\r\nContent-Length: 5\r\n",
  };
  const answer = await sendRaw(api.server.port, [headOf(small), "hello", headOf(small), "hello"], {
    until: /404 (?:.|\s)*404 /,
  });
  expect(answer.status).toBe(404);
});

it("a refused body is read on only for so long", async () => {
  const limited = await openApi({ limits: { refusedBodyMs: 50 } });
  const socket = connect(limited.server.port, "127.0.0.1");
  socket.on("error", () => {}).resume();
  socket.write(`PUT /unknown HTTP/1.1\r\nHost: localhost\r\n${LARGE}\r\n`);
  await new Promise((resolve) => socket.on("close", resolve));
  await limited.stop();
});
