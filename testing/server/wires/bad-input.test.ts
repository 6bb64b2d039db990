import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type CloudflareError, openApi, type TestApi } from "../../harness/api.js";
import { type PlainAnswer, sendPlain } from "../../harness/raw.js";

// One server for all rows, so that the next rows and the last check notice what one of them breaks.
let api: TestApi;
beforeAll(async () => {
  api = await openApi();
  const kept = api.database.namespaceById(api.namespaceId);
  await kept.put("kept", "as it was", { metadata: { a: 1 } });
});
afterAll(async () => {
  const kept = api.database.namespaceById(api.namespaceId);
  expect(await kept.getWithMetadata("kept")).toMatchObject({ value: "as it was", metadata: { a: 1 } });
  expect((await kept.list()).keys.map(({ name }) => name)).toEqual(["kept"]);
  const { namespaces } = await api.database.catalog.list();
  expect(namespaces.map(({ title }) => title)).toEqual(["main"]);
  await api.stop();
});

interface Row {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly status: number;
  /** The code of the Cloudflare dialect. */
  readonly code?: number;
  /** Part of the message. */
  readonly says?: string;
}

const LONG_KEY = "k".repeat(513);
const TOO_MANY_KEYS = JSON.stringify({ keys: Array.from({ length: 101 }, (_, at) => `k${at}`) });
const FORM = { "Content-Type": "multipart/form-data; boundary=edge" };
const part = (name: string, value: string) =>
  `--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const pair = (fields: object) =>
  JSON.stringify([
    { key: "k", value: "v" },
    { key: "l", value: "v", ...fields },
  ]);
const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

const CLOUDFLARE: readonly Row[] = [
  // Routes, methods, accounts, namespaces
  { what: "an unknown route", path: "/client/v4/zones", status: 404, code: 7000 },
  { what: "an unknown route below a namespace", path: "{ns}/nothing", status: 404, code: 7000 },
  { what: "a raw slash in a key", path: "{ns}/values/a/b", status: 404, code: 7000 },
  { what: "no key", path: "{ns}/values/", status: 404, code: 7000 },
  { what: "a wrong method", method: "PATCH", path: "{ns}/values/k", status: 405, code: 7001 },
  { what: "a wrong method for a list", method: "POST", path: "{ns}/keys", status: 405, code: 7001 },
  { what: "DELETE of all namespaces", method: "DELETE", path: "{ns}/..", status: 404, code: 7000 },
  { what: "an account that is none", path: "/client/v4/accounts/a%2Fb/storage/kv/namespaces", status: 400 },
  { what: "a namespace that is not there", path: "{none}", status: 404, code: 10013 },
  {
    what: "a read in a namespace that is not there",
    path: "{none}/values/k",
    status: 404,
    code: 10013,
    says: "get: 'namespace not found'",
  },
  { what: "a write there", method: "PUT", path: "{none}/values/k", body: "v", status: 404, code: 10013 },
  { what: "a list there", path: "{none}/keys", status: 404, code: 10013, says: "list keys: " },
  {
    what: "a bulk write there",
    method: "PUT",
    path: "{none}/bulk",
    body: pair({}),
    status: 404,
    code: 10013,
  },
  { what: "a rename there", method: "PUT", path: "{none}", body: '{"title":"t"}', status: 404, code: 10013 },
  { what: "a deletion there", method: "DELETE", path: "{none}", status: 404, code: 10013 },
  { what: "a namespace id with a bad encoding", path: "{namespaces}/%zz", status: 400 },
  // Creating and listing namespaces
  { what: "no body", method: "POST", path: "{namespaces}", status: 400 },
  { what: "no JSON", method: "POST", path: "{namespaces}", body: "{", status: 400, code: 10001 },
  {
    what: "JSON in no UTF-8",
    method: "POST",
    path: "{namespaces}",
    body: Uint8Array.of(34, 255, 34),
    status: 400,
  },
  { what: "no title", method: "POST", path: "{namespaces}", body: "{}", status: 400, code: 10019 },
  { what: "an array", method: "POST", path: "{namespaces}", body: "[]", status: 400, code: 10019 },
  { what: "null", method: "POST", path: "{namespaces}", body: "null", status: 400, code: 10019 },
  {
    what: "a title that is a number",
    method: "POST",
    path: "{namespaces}",
    body: '{"title":1}',
    status: 400,
  },
  {
    what: "an empty title",
    method: "POST",
    path: "{namespaces}",
    body: '{"title":""}',
    status: 400,
    code: 10019,
  },
  {
    what: "a title that is too long",
    method: "POST",
    path: "{namespaces}",
    body: JSON.stringify({ title: "t".repeat(513) }),
    status: 400,
    code: 10019,
  },
  {
    what: "a title that is taken",
    method: "POST",
    path: "{namespaces}",
    body: '{"title":"main"}',
    status: 400,
    code: 10014,
    says: "a namespace with this account ID and title already exists",
  },
  {
    what: "a body that is too large",
    method: "POST",
    path: "{namespaces}",
    body: JSON.stringify({ title: "t".repeat(1_100_000) }),
    status: 413,
  },
  { what: "page 0", path: "{namespaces}?page=0", status: 400 },
  { what: "a page that is no number", path: "{namespaces}?page=two", status: 400 },
  { what: "too large a page", path: "{namespaces}?per_page=1001", status: 400 },
  { what: "an unknown order", path: "{namespaces}?order=size", status: 400 },
  { what: "an unknown direction", path: "{namespaces}?direction=up", status: 400 },
  // Keys
  { what: "limit 0", path: "{ns}/keys?limit=0", status: 400 },
  { what: "limit 1001", path: "{ns}/keys?limit=1001", status: 400 },
  { what: "a limit that is no number", path: "{ns}/keys?limit=ten", status: 400 },
  { what: "a cursor that is none", path: "{ns}/keys?cursor=%21%21", status: 400 },
  { what: "a prefix with a bad encoding", path: "{ns}/keys?prefix=%E0%A4%A", status: 400 },
  { what: "a prefix that is too long", path: `{ns}/keys?prefix=${LONG_KEY}`, status: 414 },
  // Values
  {
    what: "a key that is not there",
    path: "{ns}/values/none",
    status: 404,
    code: 10009,
    says: "get: 'key not found'",
  },
  { what: "metadata of a key that is not there", path: "{ns}/metadata/none", status: 404, code: 10009 },
  { what: "a key with a bad encoding", path: "{ns}/values/%E0%A4%A", status: 400 },
  { what: "a key that is too long", path: `{ns}/values/${LONG_KEY}`, status: 414 },
  { what: "a key . in a write", method: "PUT", path: "{ns}/values/%2E", body: "v", status: 400 },
  { what: "a key .. in a deletion", method: "DELETE", path: "{ns}/values/..", status: 400 },
  { what: "TTL 59", method: "PUT", path: "{ns}/values/k?expiration_ttl=59", body: "v", status: 400 },
  { what: "TTL -1", method: "PUT", path: "{ns}/values/k?expiration_ttl=-1", body: "v", status: 400 },
  {
    what: "a TTL that is no number",
    method: "PUT",
    path: "{ns}/values/k?expiration_ttl=1e3",
    body: "v",
    status: 400,
  },
  {
    what: "an expiry in the past",
    method: "PUT",
    path: "{ns}/values/k?expiration=100",
    body: "v",
    status: 400,
  },
  {
    what: "too large a value",
    method: "PUT",
    path: "{ns}/values/k",
    body: "x".repeat(26_214_401),
    status: 413,
  },
  {
    what: "a form without a boundary",
    method: "PUT",
    path: "{ns}/values/k",
    headers: { "Content-Type": "multipart/form-data" },
    body: "v",
    status: 400,
  },
  { what: "an empty form", method: "PUT", path: "{ns}/values/k", headers: FORM, body: "", status: 400 },
  {
    what: "a form that is none",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: "value",
    status: 400,
  },
  {
    what: "a form without a value",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("metadata", "{}")}--edge--\r\n`,
    status: 400,
    code: 10001,
    says: "Missing value field",
  },
  {
    what: "a form with two values",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part("value", "b")}--edge--\r\n`,
    status: 400,
  },
  {
    what: "a form cut in its value",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: part("value", "abc").slice(0, -4),
    status: 400,
  },
  {
    what: "a form cut after its value",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: part("value", "abc"),
    status: 400,
  },
  {
    what: "a form cut in a header",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: "--edge\r\nContent-Dispo",
    status: 400,
  },
  {
    what: "metadata that is no JSON",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part("metadata", "{")}--edge--\r\n`,
    status: 400,
    code: 10001,
  },
  {
    what: "too much metadata",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part("metadata", JSON.stringify("m".repeat(1023)))}--edge--\r\n`,
    status: 413,
  },
  {
    what: "far too much metadata",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part("metadata", JSON.stringify("m".repeat(100_000)))}--edge--\r\n`,
    status: 413,
  },
  {
    what: "flattened metadata nested too deep",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part(`metadata${"[a]".repeat(300)}`, "1")}--edge--\r\n`,
    status: 400,
  },
  ...["other", "metadatas", "values", "expiration_ttl"].map((name) => ({
    what: `a field of the unknown name ${name}`,
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part(name, "1")}--edge--\r\n`,
    status: 400,
    says: `Unknown field "${name}"`,
  })),
  {
    what: "too many parts",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part("x", "1").repeat(1500)}--edge--\r\n`,
    status: 400,
  },
  // Bulk
  { what: "a bulk write that is no JSON", method: "PUT", path: "{ns}/bulk", body: "[{", status: 400 },
  { what: "a bulk write of nothing at all", method: "PUT", path: "{ns}/bulk", status: 400 },
  { what: "a bulk write of an object", method: "PUT", path: "{ns}/bulk", body: "{}", status: 400 },
  { what: "a bulk write of texts", method: "PUT", path: "{ns}/bulk", body: '["k"]', status: 400 },
  { what: "a bulk write of null", method: "PUT", path: "{ns}/bulk", body: "[null]", status: 400 },
  {
    what: "a pair without a key",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ key: undefined }),
    status: 400,
  },
  {
    what: "a pair without a value",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ value: undefined }),
    status: 400,
  },
  {
    what: "a pair whose value is a number",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ value: 1 }),
    status: 400,
  },
  {
    what: "a pair with an empty key",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ key: "" }),
    status: 400,
  },
  {
    what: "a pair with too long a key",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ key: LONG_KEY }),
    status: 414,
  },
  {
    what: "a pair with too short a TTL",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ expiration_ttl: 59 }),
    status: 400,
  },
  {
    what: "a pair with a TTL that is a text",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ expiration_ttl: "60" }),
    status: 400,
  },
  {
    what: "a pair with a broken TTL",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ expiration_ttl: 60.5 }),
    status: 400,
  },
  {
    what: "a pair that is past",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ expiration: 1 }),
    status: 400,
  },
  {
    what: "a pair with too much metadata",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ metadata: "m".repeat(1023) }),
    status: 413,
  },
  {
    what: "a pair that is not base64",
    method: "PUT",
    path: "{ns}/bulk",
    body: pair({ base64: true, value: "a b*" }),
    status: 400,
  },
  {
    what: "10,001 pairs",
    method: "PUT",
    path: "{ns}/bulk",
    body: JSON.stringify(Array(10_001).fill({ key: "k", value: "" })),
    status: 400,
    code: 10012,
  },
  {
    what: "10,001 pairs in a large body",
    method: "PUT",
    path: "{ns}/bulk",
    body: JSON.stringify(Array(10_001).fill({ key: "k", value: "v".repeat(100) })),
    status: 400,
    code: 10012,
  },
  {
    what: "a large bulk write whose last pair is bad",
    method: "PUT",
    path: "{ns}/bulk",
    body: JSON.stringify([
      ...Array(2000).fill({ key: "k", value: "v".repeat(1000) }),
      { key: "", value: "" },
    ]),
    status: 400,
  },
  {
    what: "a large bulk write that is cut",
    method: "PUT",
    path: "{ns}/bulk",
    body: JSON.stringify(Array(2000).fill({ key: "k", value: "v".repeat(1000) })).slice(0, -1),
    status: 400,
  },
  {
    what: "a large bulk write with something behind it",
    method: "PUT",
    path: "{ns}/bulk",
    body: `${JSON.stringify(Array(2000).fill({ key: "k", value: "v".repeat(1000) }))}x`,
    status: 400,
  },
  {
    what: "a large bulk write nested deep",
    method: "PUT",
    path: "{ns}/bulk",
    body: deep(700_000),
    status: 400,
  },
  {
    what: "metadata of a form nested deep",
    method: "PUT",
    path: "{ns}/values/k",
    headers: FORM,
    body: `${part("value", "a")}${part("metadata", deep(30_000))}--edge--\r\n`,
    status: 413,
  },
  {
    what: "a small bulk write nested deep",
    method: "PUT",
    path: "{ns}/bulk",
    body: `[{"key":"k","value":"","metadata":${deep(100_000)}}]`,
    status: 413,
  },
  {
    what: "a large item of many parts",
    method: "PUT",
    path: "{ns}/bulk",
    body: `[{"key":"k","value":"","metadata":[${"[],".repeat(400_000)}[]]}]`,
    status: 400,
  },
  {
    what: "a large object",
    method: "PUT",
    path: "{ns}/bulk",
    body: `{"a":"${"v".repeat(2_000_000)}"}`,
    status: 400,
  },
  {
    what: "a bulk deletion of objects",
    method: "POST",
    path: "{ns}/bulk/delete",
    body: '[{"name":"k"}]',
    status: 400,
  },
  { what: "a bulk deletion of nothing", method: "DELETE", path: "{ns}/bulk", status: 400 },
  { what: "a bulk deletion of no JSON", method: "DELETE", path: "{ns}/bulk", body: "[", status: 400 },
  {
    what: "a bulk deletion with a bad key",
    method: "DELETE",
    path: "{ns}/bulk",
    body: '["kept",""]',
    status: 400,
  },
  {
    what: "10,001 deletions",
    method: "POST",
    path: "{ns}/bulk/delete",
    body: JSON.stringify(Array(10_001).fill("k")),
    status: 400,
    code: 10012,
  },
  { what: "a bulk read of no keys", method: "POST", path: "{ns}/bulk/get", body: '{"keys":[]}', status: 400 },
  {
    what: "a bulk read of 101 keys",
    method: "POST",
    path: "{ns}/bulk/get",
    body: TOO_MANY_KEYS,
    status: 400,
    code: 10012,
  },
  {
    what: "a bulk read of numbers",
    method: "POST",
    path: "{ns}/bulk/get",
    body: '{"keys":[1]}',
    status: 400,
  },
  { what: "a bulk read of a text", method: "POST", path: "{ns}/bulk/get", body: '{"keys":"k"}', status: 400 },
  { what: "a bulk read without keys", method: "POST", path: "{ns}/bulk/get", body: "{}", status: 400 },
  {
    what: "a bulk read of bytes",
    method: "POST",
    path: "{ns}/bulk/get",
    body: '{"keys":["k"],"type":"arrayBuffer"}',
    status: 400,
  },
  {
    what: "a bulk read of no JSON values",
    method: "POST",
    path: "{ns}/bulk/get",
    body: '{"keys":["kept"],"type":"json"}',
    status: 400,
  },
  {
    what: "a bulk read with metadata maybe",
    method: "POST",
    path: "{ns}/bulk/get",
    body: '{"keys":["k"],"withMetadata":"yes"}',
    status: 400,
  },
];

const BINDING: readonly Row[] = [
  { what: "an unknown route", path: "/binding", status: 404 },
  { what: "a raw slash in a key", path: "{b}/a/b", status: 404 },
  { what: "a wrong method", method: "PATCH", path: "{b}/k", status: 405 },
  { what: "a wrong method for a list", method: "PUT", path: "{b}/", status: 405 },
  { what: "a namespace that is not there", path: "/binding/none/k", status: 404 },
  { what: "a list of one that is not there", path: "/binding/none/", status: 404 },
  { what: "a watch of one that is not there", path: "/binding/none/?watch=true", status: 404 },
  {
    what: "a write to one that is not there",
    method: "PUT",
    path: "/binding/none/k",
    body: "v",
    status: 404,
  },
  { what: "a key that is not there", path: "{b}/none?urlencoded=true", status: 404 },
  {
    what: "a key with a bad encoding",
    path: "{b}/%E0%A4%A?urlencoded=true",
    status: 400,
    says: "Could not URL-decode key name",
  },
  {
    what: "a key that is too long",
    path: `{b}/${LONG_KEY}?urlencoded=true`,
    status: 414,
    says: "UTF-8 encoded length of 513 exceeds key length limit of 512.",
  },
  {
    what: "a key .",
    path: "{b}/%2E?urlencoded=true",
    status: 400,
    says: 'Illegal key name ".". Please use a different name.',
  },
  {
    what: "cache_ttl 29",
    path: "{b}/k?cache_ttl=29",
    status: 400,
    says: "Invalid cache_ttl of 29. Cache TTL must be at least 30.",
  },
  { what: "cache_ttl that is no number", path: "{b}/k?cache_ttl=x", status: 400 },
  {
    what: "TTL 0",
    method: "PUT",
    path: "{b}/k?expiration_ttl=0",
    body: "v",
    status: 400,
    says: "Invalid expiration_ttl of 0. Please specify integer greater than 0.",
  },
  {
    what: "TTL 59",
    method: "PUT",
    path: "{b}/k?expiration_ttl=59",
    body: "v",
    status: 400,
    says: "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.",
  },
  { what: "a TTL that is no number", method: "PUT", path: "{b}/k?expiration_ttl=x", body: "v", status: 400 },
  {
    what: "an expiry in the past",
    method: "PUT",
    path: "{b}/k?expiration=100",
    body: "v",
    status: 400,
    says: "Invalid expiration of 100. Please specify integer greater than the current number of seconds since the UNIX epoch.",
  },
  {
    what: "too large a value",
    method: "PUT",
    path: "{b}/k",
    body: "x".repeat(26_214_401),
    status: 413,
    says: "Value length of 26214401 exceeds limit of 26214400.",
  },
  {
    what: "metadata that is no JSON",
    method: "PUT",
    path: "{b}/k",
    headers: { "CF-KV-Metadata": "undefined" },
    body: "v",
    status: 400,
  },
  {
    what: "too much metadata",
    method: "PUT",
    path: "{b}/k",
    headers: { "CF-KV-Metadata": `"${"m".repeat(1023)}"` },
    body: "v",
    status: 413,
    says: "Metadata length of 1025 exceeds limit of 1024.",
  },
  {
    what: "metadata nested deep",
    method: "PUT",
    path: "{b}/k",
    headers: { "CF-KV-Metadata": deep(7000) },
    body: "v",
    status: 413,
  },
  {
    what: "If-Match without a version",
    method: "PUT",
    path: "{b}/k",
    headers: { "If-Match": "*" },
    body: "v",
    status: 400,
  },
  {
    what: "If-None-Match with a version",
    method: "PUT",
    path: "{b}/k",
    headers: { "If-None-Match": '"1"' },
    body: "v",
    status: 400,
  },
  {
    what: "both conditions",
    method: "PUT",
    path: "{b}/k",
    headers: { "If-None-Match": "*", "If-Match": '"1"' },
    body: "v",
    status: 400,
  },
  {
    what: "another version",
    method: "PUT",
    path: "{b}/k",
    headers: { "If-Match": '"1"' },
    body: "v",
    status: 412,
  },
  {
    what: "an entry that is there",
    method: "PUT",
    path: "{b}/kept",
    headers: { "If-None-Match": "*" },
    body: "v",
    status: 412,
  },
  {
    what: "a deletion at another version",
    method: "DELETE",
    path: "{b}/kept",
    headers: { "If-Match": '"0"' },
    status: 412,
  },
  {
    what: "a deletion if absent",
    method: "DELETE",
    path: "{b}/kept",
    headers: { "If-None-Match": "*" },
    status: 400,
  },
  {
    what: "key_count_limit 0",
    path: "{b}/?key_count_limit=0",
    status: 400,
    says: "Invalid key_count_limit of 0. Please specify an integer greater than 0.",
  },
  {
    what: "key_count_limit 1001",
    path: "{b}/?key_count_limit=1001",
    status: 400,
    says: "Invalid key_count_limit of 1001. Please specify an integer less than 1000.",
  },
  { what: "a cursor that is none", path: "{b}/?cursor=%21", status: 400 },
  { what: "a prefix that is too long", path: `{b}/?prefix=${LONG_KEY}`, status: 414 },
  { what: "a prefix with a bad encoding", path: "{b}/?prefix=%zz", status: 400 },
  { what: "a flag that is none", path: "{b}/?values=maybe", status: 400 },
  { what: "a watch since a text", path: "{b}/?watch=true&since=x", status: 400 },
  { what: "a deletion of everything", method: "DELETE", path: "{b}/", status: 400 },
  { what: "a deletion of an empty prefix", method: "DELETE", path: "{b}/?prefix=", status: 400 },
  { what: "a bulk read that is no JSON", method: "POST", path: "{b}/bulk/get", body: "{", status: 400 },
  {
    what: "a bulk read of nothing",
    method: "POST",
    path: "{b}/bulk/get",
    body: '{"keys":[]}',
    status: 400,
    says: "You must request a minimum of 1 key",
  },
  {
    what: "a bulk read of 101 keys",
    method: "POST",
    path: "{b}/bulk/get",
    body: TOO_MANY_KEYS,
    status: 400,
    says: "You can request a maximum of 100 keys",
  },
  {
    what: "a bulk read of an empty key",
    method: "POST",
    path: "{b}/bulk/get",
    body: '{"keys":[""]}',
    status: 400,
    says: "Key names must not be empty",
  },
  {
    what: "a bulk read of bytes",
    method: "POST",
    path: "{b}/bulk/get",
    body: '{"keys":["a"],"type":"arrayBuffer"}',
    status: 400,
    says: '"arrayBuffer" is not a valid type. Use "json" or "text"',
  },
  {
    what: "a bulk read of no JSON values",
    method: "POST",
    path: "{b}/bulk/get",
    body: '{"keys":["kept"],"type":"json"}',
    status: 400,
    says: "At least one of the requested keys corresponds to a non-json value",
  },
  {
    what: "a bulk read with cacheTtl 29",
    method: "POST",
    path: "{b}/bulk/get",
    body: '{"keys":["a"],"cacheTtl":"29"}',
    status: 400,
    says: "Invalid cache_ttl of 29. Cache TTL must be at least 30.",
  },
  { what: "a commit that is no object", method: "POST", path: "{b}/bulk/atomic", body: "[]", status: 400 },
  {
    what: "a commit of texts",
    method: "POST",
    path: "{b}/bulk/atomic",
    body: '{"mutations":["x"]}',
    status: 400,
  },
  {
    what: "a commit with an unknown mutation",
    method: "POST",
    path: "{b}/bulk/atomic",
    body: '{"mutations":[{"type":"put","key":"k","value":"v"},{"type":"merge","key":"k"}]}',
    status: 400,
  },
  {
    what: "a commit with a check of a text",
    method: "POST",
    path: "{b}/bulk/atomic",
    body: '{"checks":[{"key":"k","version":"1"}]}',
    status: 400,
  },
  {
    what: "a commit whose check fails",
    method: "POST",
    path: "{b}/bulk/atomic",
    body: '{"checks":[{"key":"kept","version":null}],"mutations":[{"type":"delete","key":"kept"}]}',
    status: 412,
  },
  {
    what: "a commit of too much",
    method: "POST",
    path: "{b}/bulk/atomic",
    body: JSON.stringify({ mutations: Array(1001).fill({ type: "delete", key: "kept" }) }),
    status: 400,
  },
  {
    what: "a commit with a value that is not base64",
    method: "POST",
    path: "{b}/bulk/atomic",
    body: '{"mutations":[{"type":"put","key":"k","value":"a*","base64":true}]}',
    status: 400,
  },
  { what: "an increment of no number", method: "POST", path: "{b}/kept/increment", status: 409 },
  {
    what: "an increment by a text",
    method: "POST",
    path: "{b}/n/increment",
    body: '{"by":"1"}',
    status: 400,
  },
  {
    what: "an increment by a half",
    method: "POST",
    path: "{b}/n/increment",
    body: '{"by":0.5}',
    status: 400,
  },
  {
    what: "a touch of what is not there",
    method: "POST",
    path: "{b}/none/touch",
    body: '{"expirationTtl":60}',
    status: 404,
  },
  {
    what: "a touch with a text",
    method: "POST",
    path: "{b}/kept/touch",
    body: '{"expirationTtl":"60"}',
    status: 400,
  },
  {
    what: "a touch at another version",
    method: "POST",
    path: "{b}/kept/touch",
    body: '{"expirationTtl":60,"ifVersion":0}',
    status: 412,
  },
];

const SYSTEM: readonly Row[] = [
  { what: "an unknown route", path: "/nothing", status: 404 },
  { what: "a wrong method", method: "DELETE", path: "/healthz", status: 405 },
  { what: "a token of nothing", method: "POST", path: "/kvasir/tokens", status: 400 },
  { what: "a token that is not there", method: "DELETE", path: "/kvasir/tokens/none", status: 404 },
  { what: "an empty segment", path: "//healthz", status: 404 },
  { what: "a path that climbs", path: "/binding/../healthz", status: 404 },
];

function send({ method = "GET", path, body, headers }: Row): Promise<PlainAnswer> {
  const target = path
    .replace("{ns}", api.cloudflare)
    .replace("{none}", api.cloudflare.replace(api.namespaceId, "f".repeat(32)))
    .replace("{namespaces}", `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`)
    .replace("{b}", api.binding);
  return sendPlain(api.server.port, { method, path: target, headers, body });
}

describe("the Cloudflare dialect refuses", () => {
  it.each(CLOUDFLARE)("$what: $status", async (row) => {
    const { status, body } = await send(row);
    const answer = JSON.parse(body.toString()) as CloudflareError;
    expect({ status, answer }).toMatchObject({
      status: row.status,
      answer: { success: false, result: null },
    });
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors[0]?.code).toBeGreaterThanOrEqual(1000);
    if (row.code !== undefined) expect(answer.errors[0]?.code).toBe(row.code);
    if (row.says !== undefined) expect(answer.errors[0]?.message).toContain(row.says);
  });
});

describe("the binding dialect refuses", () => {
  it.each(BINDING)("$what: $status", async (row) => {
    const { status, reason, body } = await send(row);
    expect(status).toBe(row.status);
    expect(reason).toMatch(/^[\x20-\x7e]{1,512}$/);
    if (row.says !== undefined) expect(reason).toBe(row.says);
    const { error, ok } = JSON.parse(body.toString());
    if (row.status === 412) expect(ok).toBe(false);
    else expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  });
});

describe("the server itself refuses", () => {
  it.each(SYSTEM)("$what: $status", async (row) => {
    const { status, body } = await send(row);
    expect(status).toBe(row.status);
    expect(JSON.parse(body.toString()).error.code).toMatch(/^[a-z_]+$/);
  });
});
