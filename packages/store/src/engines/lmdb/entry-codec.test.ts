import { expect, test } from "vitest";
import {
  blobOf,
  contentTypeOf,
  type EntryFields,
  encodeEntry,
  expirationOf,
  isLive,
  metadataOf,
  modifiedOf,
  restamp,
  valueEnd,
  valueStart,
  versionOf,
} from "./entry-codec.js";

const FIELDS: EntryFields = {
  version: 2 ** 50,
  expirationMs: 0,
  modifiedMs: 1_700_000_000_000,
  metadata: null,
  contentType: null,
  value: Buffer.from("value"),
};

test.each<[string, Partial<EntryFields>]>([
  ["bare", {}],
  ["with metadata", { metadata: '{"é":1}' }],
  ["with empty metadata", { metadata: "" }],
  ["with a content type", { contentType: "text/plain" }],
  ["with both", { metadata: "1", contentType: "a/b", expirationMs: 8_640_000_000_000_000 }],
  ["with an empty value", { value: Buffer.of(), metadata: "null" }],
  ["with a large value", { value: { blob: 2 ** 40, byteLength: 26_214_400 }, metadata: "1" }],
])("an entry %s survives as bytes", (_, fields) => {
  const expected = { ...FIELDS, ...fields };
  const bytes = encodeEntry(1, "key", expected);
  const decoded = {
    version: versionOf(bytes),
    expirationMs: expirationOf(bytes),
    modifiedMs: modifiedOf(bytes),
    metadata: metadataOf(bytes),
    contentType: contentTypeOf(bytes),
    value: blobOf(bytes) ?? bytes.subarray(valueStart(bytes), valueEnd(bytes)),
  };
  expect(decoded).toEqual(expected);
});

test("an entry is live up to the millisecond before it expires", () => {
  const bytes = encodeEntry(1, "key", { ...FIELDS, expirationMs: 1000 });
  expect([isLive(bytes, 999), isLive(bytes, 1000)]).toEqual([true, false]);
  expect(isLive(encodeEntry(1, "key", FIELDS), Number.MAX_SAFE_INTEGER)).toBe(true);
});

test("restamping changes the stamp of a copy", () => {
  const bytes = encodeEntry(1, "key", { ...FIELDS, metadata: "1" });
  const stamp = { version: 9, expirationMs: 8, modifiedMs: 7 };
  expect(restamp(1, "key", bytes, stamp)).toEqual(
    encodeEntry(1, "key", { ...FIELDS, metadata: "1", ...stamp }),
  );
  expect(versionOf(bytes)).toBe(FIELDS.version);
});

test("text that its length field cannot hold is refused", () => {
  const encode = () => encodeEntry(1, "key", { ...FIELDS, metadata: "x".repeat(65_536) });
  expect(encode).toThrow(expect.objectContaining({ code: "metadata_too_large" }));
});
