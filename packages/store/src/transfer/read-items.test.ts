import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type ReadItem, readItems } from "./read-items.js";

const NOW_MS = 1_700_000_000_000;

async function read(
  file: string | Uint8Array,
  options: { readonly lineBytesMax?: number } = {},
): Promise<readonly ReadItem[]> {
  const items: ReadItem[] = [];
  const chunks = [typeof file === "string" ? Buffer.from(file) : file];
  for await (const batch of readItems(chunks, { ...options, nowMs: () => NOW_MS })) items.push(...batch);
  return items;
}

/** In one line each: what became of the items. */
async function outcomes(file: string | Uint8Array, options?: { readonly lineBytesMax?: number }) {
  return (await read(file, options)).map((item) => {
    if (item.type === "entry") return `${item.unit} ${item.number}: ${item.entry.key}`;
    if (item.type === "namespace") return `${item.unit} ${item.number}: namespace ${item.namespace.title}`;
    return `${item.unit} ${item.number} refused: ${item.error.message}`;
  });
}

const A = '{"key":"a","value":"1"}';
const B = '{"key":"b","value":"2"}';

test.each([
  ["nothing", "", []],
  ["a missing last line break", `${A}\n${B}`, ["line 1: a", "line 2: b"]],
  ["CRLF, blank lines and a byte order mark", `\ufeff${A}\r\n\r\n \n${B}\r\n`, ["line 1: a", "line 4: b"]],
  [
    "namespaces between the entries",
    `{"kvasir_export":1,"namespace":{"id":"x","title":"one"}}\n${A}\n{"kvasir_export":1,"namespace":{"id":"y","title":"two"}}`,
    ["line 1: namespace one", "line 2: a", "line 3: namespace two"],
  ],
  ["an array", `[${A},\n ${B}]\n`, ["item 1: a", "item 2: b"]],
  ["an empty array", " [ \n ] ", []],
  ["brackets and quotes in strings", '[{"key":"a","value":"]},\\"[{"}]', ["item 1: a"]],
  [
    "items that are no objects",
    `[1,"],",[${A}],{},${B},null]`,
    [
      "item 1 refused: It is not a JSON object.",
      "item 2 refused: It is not a JSON object.",
      "item 3 refused: It is not a JSON object.",
      "item 4 refused: It has no key.",
      "item 5: b",
      "item 6 refused: It is not a JSON object.",
    ],
  ],
])("reads %s", async (_, file, expected) => {
  expect(await outcomes(file)).toEqual(expected);
});

test.each([
  ['{"key":"a","value":', "It is not valid JSON."],
  ["hello", "It is not valid JSON."],
  [A.replace('"a"', "1"), "Its key is not a string."],
  ['{"value":"1"}', "It has no key."],
  ['{"key":"a"}', "It has no value."],
  ['{"key":"a","value":1}', "Its value is not a string."],
  ['{"key":"","value":"1"}', "Key names must not be empty"],
  ['{"key":"..","value":"1"}', 'Illegal key name "..". Please use a different name.'],
  ['{"key":"\\ud800","value":"1"}', "Its key has half of a surrogate pair."],
  ['{"key":"a","value":"\\udc00x"}', "Its value has half of a surrogate pair."],
  ['{"key":"a","value":"a?","base64":true}', "Its value is not valid base64."],
  ['{"key":"a","value":"_-8=","base64":true}', "Its value is not valid base64."],
  ['{"key":"a","value":"YQ==","base64":"yes"}', "Its base64 is neither true nor false."],
  ['{"key":"a","value":"1","expiration":"soon"}', "Its expiration is not a number of seconds since 1970."],
  ['{"key":"a","value":"1","expiration":1e300}', "Its expiration is not a number of seconds since 1970."],
  [
    '{"key":"a","value":"1","expiration_ttl":1.5}',
    "Its expiration_ttl is not a whole number of seconds above 0.",
  ],
  [
    `{"key":"a","value":"1","metadata":"${"m".repeat(1024)}"}`,
    "Metadata length of 1026 exceeds limit of 1024.",
  ],
  ['{"key":"a","value":"1","content_type":"a\\nb"}', "Its content_type is not one that a header can carry."],
  [
    `{"key":"${"k".repeat(513)}","value":"1"}`,
    "UTF-8 encoded length of 513 exceeds key length limit of 512.",
  ],
  ['{"kvasir_export":1}', "It does not name its namespace with an id and a title."],
])("refuses %s alone", async (line, message) => {
  expect(await outcomes(`${A}\n${line}\n${B}`)).toEqual([
    "line 1: a",
    `line 2 refused: ${message}`,
    "line 3: b",
  ]);
});

test("refuses a line that is not UTF-8, and one that is too long, alone", async () => {
  const lines = Buffer.concat([
    Buffer.from(`${A}\n{"key":"x","value":"`),
    Buffer.of(0xff),
    Buffer.from(`"}\n${B}`),
  ]);
  expect(await outcomes(lines)).toEqual(["line 1: a", "line 2 refused: It is not valid UTF-8.", "line 3: b"]);
  const long = `${A}\n{"key":"x","value":"${"y".repeat(200_000)}"}\n${B}`;
  expect(await outcomes(long, { lineBytesMax: 1000 })).toEqual([
    "line 1: a",
    "line 2 refused: It is longer than 1000 bytes.",
    "line 3: b",
  ]);
});

test("expiration_ttl counts from now, and wins", async () => {
  const [item] = await read('{"key":"a","value":"1","expiration":5,"expiration_ttl":60}');
  expect(item).toMatchObject({ entry: { expirationMs: NOW_MS + 60_000 } });
});

const filler = Buffer.alloc(600, "x");
test.each([
  ["gzip-compressed data", gzipSync(A)],
  ["Zstandard-compressed data", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x00])],
  ["a zip archive", Buffer.from("PK\x03\x04more")],
  ["a tar archive", Buffer.concat([Buffer.alloc(257), Buffer.from("ustar"), Buffer.alloc(300)])],
  ["an LMDB data file", Buffer.concat([Buffer.alloc(16), Buffer.from([0xde, 0xc0, 0xef, 0xbe]), filler])],
  ["an SQLite database", Buffer.from("SQLite format 3\0and more")],
  ["a dump of Redis or Valkey (RDB)", Buffer.from("REDIS0011\xfa")],
  ["SQL", Buffer.from("-- MySQL dump 10.13\nCREATE TABLE x;")],
  ["YAML", Buffer.from("---\na: 1\n")],
  ["CSV", Buffer.from("key,value\r\na,1\r\n")],
  ["one JSON object over several lines", Buffer.from('{\n  "a": "1"\n}\n')],
  ["SQL", Buffer.from("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;")],
  ["XML or HTML", Buffer.from("<!doctype html>")],
  ["UTF-16 text", Buffer.from(`\ufeff${A}`, "utf16le")],
  ["binary data", Buffer.from([1, 2, 0, 3])],
])("says that a file is %s", async (name, file) => {
  await expect(read(file)).rejects.toMatchObject({
    code: "bad_request",
    message: `This is ${name}, not a file of entries.`,
    hint: expect.any(String),
  });
});

test("refuses an array that ends early, and what comes after its end", async () => {
  await expect(read(`[${A},{"key":"b"`)).rejects.toThrow("The array ends too early, after item 1.");
  await expect(read("[")).rejects.toThrow("The array ends too early, before its first item ended.");
  await expect(read(`[${A}] ${B}`)).rejects.toThrow("There is more after the end of the array.");
});

test("refuses an export of a newer version as a whole", async () => {
  await expect(read('{"kvasir_export":2,"namespace":{}}')).rejects.toMatchObject({ code: "storage_format" });
});
