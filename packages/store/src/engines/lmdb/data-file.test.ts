import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDataFile } from "./data-file.js";
import { DATA_FILE } from "./limits.js";
import { openLmdbStore } from "./lmdb-store.js";

const CORRUPT = expect.objectContaining({ code: "storage_corrupt" });

let directory: string;
let file: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "kvasir-file-"));
  file = join(directory, DATA_FILE);
  const store = openLmdbStore(directory);
  await store.namespaces.create({ id: "a", title: "A" });
  const value = Buffer.alloc(1_000_000, 1);
  await store.entries.put("a", "key", { value, expirationMs: null, metadata: null, contentType: null });
  await store.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a whole file is there, a missing or empty one is not yet", () => {
  expect(checkDataFile(file, { writable: true })).toBe(true);
  expect(checkDataFile(join(directory, "other"), { writable: true })).toBe(false);
  truncateSync(file, 0);
  expect(checkDataFile(file, { writable: true })).toBe(false);
});

test.each([100, 4096, 500_000])("one that is cut off after %i bytes is refused by name", (length) => {
  truncateSync(file, length);
  expect(() => openLmdbStore(directory)).toThrow(CORRUPT);
  expect(() => openLmdbStore(directory)).toThrow(file);
});

test("one that is something else is refused, and stays as it is", () => {
  writeFileSync(file, "Dear diary, ".repeat(1000));
  expect(() => openLmdbStore(directory)).toThrow(CORRUPT);
  expect(statSync(file).size).toBe(12_000);
});

test("a few pages that are missing at the end are made up for", () => {
  const { size } = statSync(file);
  truncateSync(file, size - 4096);
  expect(checkDataFile(file, { writable: false })).toBe(true);
  expect(statSync(file).size).toBe(size - 4096);
  checkDataFile(file, { writable: true });
  expect(statSync(file).size).toBe(size);
});
