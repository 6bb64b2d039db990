import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { type PlainRequest, sendPlain } from "../../harness/raw.js";
import { base64, KVS, startTelnyx, type TelnyxApi } from "./telnyx-api.js";

interface Case {
  readonly what: string;
  /** @default `GET` without a body, `PUT` with one */
  readonly method?: string;
  /** `{kv}` stands for the namespace's path, `{keys}` for its keys'. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** Anything but a string is sent as JSON. */
  readonly body?: unknown;
  readonly status: number;
  readonly code: string;
  readonly source?: { readonly pointer: string } | { readonly parameter: string };
  /** Part of the detail. */
  readonly says?: string;
}

const BAD_KEY = { status: 400, code: "10015", source: { parameter: "key" } } as const;
const BAD_TTL = { status: 422, code: "10027", source: { parameter: "ttl_secs" }, body: "x" } as const;
const NOT_FOUND = { status: 404, code: "10005" } as const;
const BAD_REQUEST = { status: 400, code: "10015" } as const;

/** Generations 2 and 3: raw namespaces. */
const RAW: readonly Case[] = [
  { what: "a key that is not there", path: "{keys}/none", ...NOT_FOUND, source: { parameter: "key" } },
  { what: "a colon in a key", path: "{keys}/user:1", body: "x", ...BAD_KEY },
  { what: "an encoded colon in a key", path: "{keys}/user%3A1", body: "x", ...BAD_KEY },
  { what: "a blank in a key", path: "{keys}/a%20b", body: "x", ...BAD_KEY },
  { what: "a plus in a key", path: "{keys}/a+b", body: "x", ...BAD_KEY },
  { what: "a key of other scripts", path: `{keys}/${encodeURIComponent("ключ")}`, body: "x", ...BAD_KEY },
  { what: "a line end in a key", path: "{keys}/a%0A", body: "x", ...BAD_KEY },
  { what: "a reserved key", path: "{keys}/_system", body: "x", ...BAD_KEY, says: "reserved" },
  { what: "a key of 257 characters", path: `{keys}/${"x".repeat(257)}`, body: "x", ...BAD_KEY, says: "256" },
  { what: "a key of 2,000 characters", path: `{keys}/${"x".repeat(2_000)}`, body: "x", ...BAD_KEY },
  { what: "reading a key of 2,000 characters", path: `{keys}/${"x".repeat(2_000)}`, ...BAD_KEY },
  { what: "a dot as a key", path: "{keys}/.", body: "x", ...BAD_KEY },
  { what: "two dots as a key", path: "{keys}/%2E%2E", body: "x", ...BAD_KEY },
  { what: "a key that is no UTF-8", path: "{keys}/%ff", body: "x", ...BAD_KEY },
  { what: "a key of broken encoding", path: "{keys}/%zz", body: "x", ...BAD_KEY },
  { what: "reading a key that none can have", path: "{keys}/user:1", ...BAD_KEY },
  { what: "deleting a key that none can have", method: "DELETE", path: "{keys}/user:1", ...BAD_KEY },
  ...["0", "-1", "1.5", "abc", "", "1e3", "0x10", "+5", "9223372037", "99999999999999999999", "NaN"].map(
    (ttl) => ({ what: `ttl_secs=${ttl}`, path: `{keys}/a?ttl_secs=${ttl}`, ...BAD_TTL }),
  ),
  {
    what: "a value over 1 MiB by its declared length",
    path: "{keys}/a",
    body: "x".repeat(1_048_577),
    status: 413,
    code: "10015",
    says: "1048576",
  },
  {
    what: "a content type that no header can carry back",
    path: "{keys}/a",
    headers: { "Content-Type": "x".repeat(257) },
    body: "x",
    ...BAD_REQUEST,
    says: "Content-Type",
  },
  ...["0", "-1", "ten", "1.5"].map((limit) => ({
    what: `limit=${limit}`,
    path: `{keys}?limit=${limit}`,
    ...BAD_REQUEST,
    source: { parameter: "limit" },
  })),
  {
    what: "a cursor of ours no more",
    path: "{keys}?cursor=%21%21",
    ...BAD_REQUEST,
    source: { parameter: "cursor" },
  },
  { what: "a prefix of broken encoding", path: "{keys}?prefix=%zz", ...BAD_REQUEST },
  {
    what: "a prefix longer than any key",
    path: `{keys}?prefix=${"x".repeat(600)}`,
    ...BAD_REQUEST,
    source: { parameter: "prefix" },
  },
];

const BAD_FIELD = { status: 422, code: "10027" } as const;
const VALUE = base64("x");

/** Generation 1: envelope namespaces. */
const ENVELOPE: readonly Case[] = [
  { what: "a key that is not there", path: "{keys}/user:1", ...NOT_FOUND, source: { parameter: "key" } },
  { what: "a key of 513 bytes", path: `{keys}/${"x".repeat(513)}`, body: { value: VALUE }, ...BAD_KEY },
  { what: "a raw body", path: "{keys}/a", body: "Ada", ...BAD_REQUEST, says: "JSON" },
  { what: "an empty body", path: "{keys}/a", body: "", ...BAD_REQUEST },
  {
    what: "a body that is no UTF-8",
    path: "{keys}/a",
    body: new Uint8Array([0x22, 0xff, 0x22]),
    ...BAD_REQUEST,
  },
  { what: "a list", path: "{keys}/a", body: [VALUE], ...BAD_REQUEST },
  { what: "null", path: "{keys}/a", body: null, ...BAD_REQUEST },
  { what: "no value", path: "{keys}/a", body: {}, status: 422, code: "10004", source: { pointer: "/value" } },
  ...["Hello world", "YQ=", "Y", "YQ==YQ==", "-_-_", " YQ==", "YQ==\n"].map((value) => ({
    what: `${JSON.stringify(value)} for base64`,
    path: "{keys}/a",
    body: { value },
    ...BAD_FIELD,
    source: { pointer: "/value" },
  })),
  {
    what: "a number for a value",
    path: "{keys}/a",
    body: { value: 1 },
    ...BAD_FIELD,
    source: { pointer: "/value" },
  },
  ...[59, 1, 0, -1, 60.5, "60", true, 1e300].map((ttl) => ({
    what: `expiration_ttl ${JSON.stringify(ttl)}`,
    path: "{keys}/a",
    body: { value: VALUE, expiration_ttl: ttl },
    ...BAD_FIELD,
    source: { pointer: "/expiration_ttl" },
  })),
  ...["tomorrow", 1.5, [1_700_000_100]].map((expiration) => ({
    what: `expiration ${JSON.stringify(expiration)}`,
    path: "{keys}/a",
    body: { value: VALUE, expiration },
    ...BAD_FIELD,
    source: { pointer: "/expiration" },
  })),
  {
    what: "an expiration of the past",
    path: "{keys}/a",
    body: { value: VALUE, expiration: 1_600_000_000 },
    ...BAD_FIELD,
  },
  {
    what: "an expiration of right now",
    path: "{keys}/a",
    body: { value: VALUE, expiration: 1_700_000_000 },
    ...BAD_FIELD,
  },
  ...["text", 1, ["a"]].map((metadata) => ({
    what: `metadata ${JSON.stringify(metadata)}`,
    path: "{keys}/a",
    body: { value: VALUE, metadata },
    ...BAD_FIELD,
    source: { pointer: "/metadata" },
  })),
  {
    what: "metadata over 1 KB",
    path: "{keys}/a",
    body: { value: VALUE, metadata: { text: "x".repeat(1_024) } },
    ...BAD_FIELD,
    says: "1024",
  },
  {
    what: "the ttl of an early sketch",
    path: "{keys}/a",
    body: { value: "plain", ttl: 60 },
    ...BAD_FIELD,
    source: { pointer: "/ttl" },
    says: "expiration_ttl",
  },
  {
    what: "the ttl_secs of generation 3",
    path: "{keys}/a?ttl_secs=60",
    body: { value: VALUE },
    status: 409,
    code: "10021",
    says: "expiration_ttl",
  },
  {
    what: "a value over 1 MiB",
    path: "{keys}/a",
    body: { value: "A".repeat(1_398_108) },
    status: 413,
    code: "10015",
  },
  {
    what: "a body that no value needs",
    path: "{keys}/a",
    body: " ".repeat(2_000_000),
    status: 413,
    code: "10015",
  },
  ...["0", "-1", "one", "1.5"].flatMap((text) =>
    ["page[number]", "page[size]"].map((parameter) => ({
      what: `${parameter}=${text}`,
      path: `{keys}?${parameter}=${text}`,
      ...BAD_REQUEST,
      source: { parameter },
    })),
  ),
];

const BAD_NAME = { status: 422, code: "10027", source: { pointer: "/name" } } as const;
const NO_NAMESPACE = { ...NOT_FOUND, source: { parameter: "id" } } as const;
const UNKNOWN_ID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";
const METHOD = { status: 405, code: "10015" } as const;

/** Cases that all generations share. */
const SHARED: readonly Case[] = [
  ...["My-Cache", "my_cache", "my cache", "", "ключ", "a/b"].map((name) => ({
    what: `the name ${JSON.stringify(name)}`,
    method: "POST",
    path: KVS,
    body: { name },
    ...BAD_NAME,
  })),
  { what: "a name that is no text", method: "POST", path: KVS, body: { name: 7 }, ...BAD_NAME },
  {
    what: "a name of 513 characters",
    method: "POST",
    path: KVS,
    body: { name: "x".repeat(513) },
    status: 422,
    code: "10027",
  },
  {
    what: "no name",
    method: "POST",
    path: KVS,
    body: {},
    status: 422,
    code: "10004",
    source: { pointer: "/name" },
  },
  {
    what: "a name that is taken",
    method: "POST",
    path: KVS,
    body: { name: "sessions" },
    status: 409,
    code: "10012",
  },
  {
    what: "an unknown encoding",
    method: "POST",
    path: KVS,
    body: { name: "a", value_encoding: "hex" },
    ...BAD_FIELD,
    source: { pointer: "/value_encoding" },
  },
  { what: "a body that is no JSON", method: "POST", path: KVS, body: "name=a", ...BAD_REQUEST },
  { what: "a body that is no object", method: "POST", path: KVS, body: ["a"], ...BAD_REQUEST },
  {
    what: "a body of 2 MB",
    method: "POST",
    path: KVS,
    body: " ".repeat(2_000_000),
    status: 413,
    code: "10015",
  },
  { what: "page 0", path: `${KVS}?page[number]=0`, ...BAD_REQUEST, source: { parameter: "page[number]" } },
  { what: "an unknown namespace", path: `${KVS}/${UNKNOWN_ID}`, ...NO_NAMESPACE },
  { what: "an id that none can be", path: `${KVS}/%20%00`, ...NO_NAMESPACE },
  { what: "an id of broken encoding", path: `${KVS}/%zz`, ...NO_NAMESPACE },
  { what: "an id of 1,000 characters", path: `${KVS}/${"x".repeat(1_000)}`, ...NO_NAMESPACE },
  { what: "deleting an unknown namespace", method: "DELETE", path: `${KVS}/${UNKNOWN_ID}`, ...NO_NAMESPACE },
  { what: "reading from an unknown namespace", path: `${KVS}/${UNKNOWN_ID}/keys/a`, ...NO_NAMESPACE },
  {
    what: "writing to an unknown namespace",
    path: `${KVS}/${UNKNOWN_ID}/keys/a`,
    body: "x",
    ...NO_NAMESPACE,
  },
  { what: "listing an unknown namespace", path: `${KVS}/${UNKNOWN_ID}/keys`, ...NO_NAMESPACE },
  { what: "an unknown path", path: "/v2/messages", ...NOT_FOUND },
  { what: "nothing but the prefix", path: "/v2", ...NOT_FOUND },
  { what: "an unknown path below a namespace", path: "{kv}/values/a", ...NOT_FOUND },
  { what: "renaming a namespace", method: "PATCH", path: "{kv}", body: { name: "b" }, ...METHOD },
  { what: "posting to a key", method: "POST", path: "{keys}/a", body: "x", ...METHOD },
  { what: "deleting all keys", method: "DELETE", path: "{keys}", ...METHOD },
];

describe.each([
  ["a raw namespace", "raw", RAW],
  ["an envelope namespace", "envelope", ENVELOPE],
  ["any namespace", "raw", SHARED],
] as const)("%s", (_, encoding, cases) => {
  it.each(cases)("refuses $what with $status", async ({ status, code, source, says, ...sent }: Case) => {
    const api = await startTelnyx({ encoding });
    const before = await contentsOf(api);
    const answer = await sendPlain(api.server.port, requestOf(api, sent));
    expect([answer.status, answer.body.toString()]).toEqual([status, expect.any(String)]);
    expect(answer.headers["content-type"]).toContain("application/json");
    expect(JSON.parse(answer.body.toString())).toEqual({
      errors: [
        {
          code,
          title: expect.stringMatching(/^[A-Z]/),
          detail: expect.stringContaining(says ?? ""),
          meta: { url: `docs/reference/telnyx.md#${code}` },
          ...(source === undefined ? {} : { source }),
        },
      ],
    });
    expect(await contentsOf(api), "nothing was changed").toEqual(before);
    expect((await api.fetch("/healthz")).status).toBe(200);
  });
});

it("has its codes explained where they point to", async () => {
  const docs = await readFile(join(ROOT, "docs/reference/telnyx.md"), "utf8");
  const codes = new Set([...RAW, ...ENVELOPE, ...SHARED].map(({ code }) => code));
  for (const code of [...codes, "10009", "10010"]) expect(docs).toContain(`\n### ${code}\n`);
});

it("names the allowed methods", async () => {
  const api = await startTelnyx();
  const answer = await sendPlain(api.server.port, { method: "PATCH", path: `${api.keys}/a/b` });
  expect(answer.status).toBe(405);
  expect(answer.headers.allow?.split(", ").sort()).toEqual(["DELETE", "GET", "HEAD", "OPTIONS", "PUT"]);
});

it("refuses a value by its declared length before any of it is sent", async () => {
  const api = await startTelnyx();
  const answer = await sendPlain(api.server.port, {
    method: "PUT",
    path: `${api.keys}/a`,
    headers: { "Content-Length": "1048577", Expect: "100-continue" },
  });
  expect(answer.status).toBe(413);
});

function requestOf(
  api: TelnyxApi,
  { method, path, headers, body }: Omit<Case, "what" | "status" | "code">,
): PlainRequest {
  const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  return {
    method: method ?? (body === undefined ? "GET" : "PUT"),
    path: path.replace("{keys}", api.keys).replace("{kv}", api.kv),
    headers,
    body: raw ? body : JSON.stringify(body),
  };
}

async function contentsOf(api: TelnyxApi): Promise<unknown> {
  const { namespaces } = await api.database.catalog.list();
  const { keys } = await api.database.namespaceById(api.namespaceId).list();
  return { namespaces, keys };
}
