import { Model } from "../../connections/model.js";
import type { Surroundings } from "../../connections/planned-request.js";
import { malformedRequests } from "../../connections/requests/malformed.js";
import { type Attack, type AttackContext, assaults } from "../attack.js";

/** Requests that are malformed, oversized, deeply nested or maliciously named. */
export const badRequestAttacks: readonly Attack[] = [
  {
    name: "malformed requests",
    async burst({ port, around, random }) {
      await assaults(port, 150, () => {
        const request = random.pick(malformedRequests)();
        const { raw = Buffer.alloc(0) } = request.content(around, new Model());
        return { parts: [raw] };
      });
      return { requests: 150, connections: 150 };
    },
  },
  {
    name: "random bytes",
    async burst({ port, random }) {
      await assaults(port, 100, () => ({
        parts: [Buffer.from(Array.from({ length: 500 }, () => random.below(256)))],
      }));
      return { requests: 100, connections: 100 };
    },
  },
  {
    name: "heads without an end",
    async burst({ port, around }) {
      const line = `X-Endless: ${"e".repeat(1000)}\r\n`;
      await assaults(port, 20, () => ({
        parts: [`GET /healthz HTTP/1.1\r\nHost: ${around.host}\r\n`, ...Array<string>(1000).fill(line)],
      }));
      return { requests: 20, connections: 20 };
    },
  },
  {
    name: "chunks that are all extension",
    async burst({ port, around }) {
      const head =
        `PUT ${around.binding}/hostile%2Fchunks HTTP/1.1\r\nHost: ${around.host}\r\n` +
        `Authorization: Bearer ${around.tokens.write}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      await assaults(port, 20, () => ({
        parts: [head, ...Array<string>(2000).fill("1;some=extension\r\nx\r\n")],
      }));
      return { requests: 20, connections: 20 };
    },
  },
  piped("names with bad intent", ({ around, random }) => {
    const name = random.pick(NAMES);
    const [method, path] = random.pick([
      ["GET", `${around.binding}/${name}`],
      ["PUT", `/binding/${name}/key`],
      ["GET", `/client/v4/accounts/${name}/storage/kv/namespaces/${name}/values/${name}`],
      ["DELETE", `/v2/storage/kvs/${name}/keys/${name}`],
    ] as const);
    return request(around, { method, path });
  }),
  piped("queries and cookies without number", ({ around, random }) => {
    const query = Array.from({ length: 1200 }, () => `${random.pick(["prefix", "a", "limit"])}=%31`).join(
      "&",
    );
    const headers = random.chance(0.5) ? `Cookie: ${"a=b; ".repeat(500)}\r\n` : "";
    return request(around, { method: "GET", path: `${around.binding}/?${query}`, headers });
  }),
  piped("deep and broken JSON", ({ around, random }) => {
    const depth = random.pick([100, 10_000, 60_000]);
    const body = random.pick([
      "[".repeat(depth),
      `${"[".repeat(depth)}${"]".repeat(depth)}`,
      `{"keys":${"[".repeat(depth)}${"]".repeat(depth)}}`,
      '{"a":'.repeat(depth / 10),
      `{"keys":["${"k".repeat(depth)}"]}`,
      '{"keys":["\\ud800"],"__proto__":{"type":"json"}}',
    ]);
    const path = random.pick([
      `${around.binding}/bulk/get`,
      `${around.binding}/bulk/atomic`,
      `${around.binding}/key/increment`,
      `${around.cloudflare}/bulk/get`,
      `${around.cloudflare}/bulk/delete`,
    ]);
    return request(around, { method: "POST", path, body });
  }),
  piped("forms of many and broken parts", ({ around, random }) => {
    const part = random.pick([
      '--B\r\nContent-Disposition: form-data; name="metadata[a]"\r\n\r\nx\r\n',
      "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n",
      `--B\r\nContent-Disposition: form-data; name="${"n".repeat(300)}"\r\n\r\nx\r\n`,
      "--B\r\n\r\n",
      "--B\r\nContent-Disposition: form-data; name=\"value\"; filename*=utf-8''%ff\r\nContent-Type: ;;\r\n\r\nx\r\n",
    ]);
    const body = part.repeat(random.pick([1, 20, 1500])) + random.pick(["--B--\r\n", "--B", ""]);
    const headers = `Content-Type: multipart/form-data; boundary=${random.pick(["B", "", '"', "x".repeat(200)])}\r\n`;
    return request(around, { method: "PUT", path: `${around.cloudflare}/values/hostile`, headers, body });
  }),
  piped("codings, upgrades and methods that nobody offers", ({ around, random }) => {
    const headers = random.pick([
      "Content-Encoding: gzip\r\n",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n",
      "Range: bytes=0-,0-,0-\r\n",
    ]);
    const method = random.pick(["POST", "PATCH", "TRACE", "PROPFIND", "OPTIONS", "PUT"]);
    return request(around, {
      method,
      path: `${around.binding}/hostile`,
      headers,
      body: "\x1f\x8b\x08\x00broken",
    });
  }),
  {
    name: "tunnels",
    async burst({ port }) {
      await assaults(port, 50, () => ({
        parts: ["CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\nxyz"],
      }));
      return { requests: 50, connections: 50 };
    },
  },
];

const NAMES = [
  ...[
    "__proto__",
    "constructor",
    "toString",
    "%00",
    "%2e%2e%2f%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%ff%fe",
    "%",
  ],
  ...[
    "%0d%0aX-Injected:%20yes",
    "a".repeat(2000),
    "%F0%9F%98%80".repeat(100),
    "%ED%A0%80",
    "-1",
    "NaN",
    "*",
    "'--",
  ],
];

function request(
  { host, tokens }: Surroundings,
  { method, path, headers = "", body }: { method: string; path: string; headers?: string; body?: string },
): string {
  const length = body === undefined ? "" : `Content-Length: ${Buffer.byteLength(body, "latin1")}\r\n`;
  return (
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${tokens.write}\r\n` +
    `${headers}${length}\r\n${body ?? ""}`
  );
}

/** Ten connections, each of which sends several requests at once. */
function piped(name: string, draw: (context: AttackContext) => string): Attack {
  return {
    name,
    async burst(context) {
      const parts = () => Array.from({ length: 20 }, () => draw(context));
      const { written } = await assaults(context.port, 10, () => ({ parts: parts() }));
      return { requests: written, connections: 10 };
    },
  };
}
