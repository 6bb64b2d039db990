import { expect, test } from "vitest";
import { type Manifest, parseManifest, renderManifest } from "./manifest.js";

const MANIFEST: Manifest = {
  atMs: 1_800_000_000_123,
  position: "c1a",
  format: 2,
  sequence: 7,
  entries: 12,
  bytes: 34,
  fileBytes: 8192,
  sha256: "a".repeat(64),
};

test("is read as it was written", () => {
  expect(parseManifest(renderManifest(MANIFEST), "backup.json")).toEqual(MANIFEST);
  const uncounted = { ...MANIFEST, position: null, entries: null, bytes: null, transaction: "41" };
  expect(parseManifest(renderManifest(uncounted), "backup.json")).toEqual(uncounted);
});

test.each([
  ["", "is damaged"],
  ["{", "is damaged"],
  ["null", "is damaged"],
  ["[]", "is damaged"],
  ['{"kvasir_backup":1}', "is damaged"],
  [renderManifest(MANIFEST).replace("a".repeat(64), "a".repeat(63)), "is damaged"],
  [renderManifest(MANIFEST).replace("2027-", "20x7-"), "is damaged"],
  [renderManifest(MANIFEST).replace("8192", '"many"'), "is damaged"],
  [renderManifest(MANIFEST).replace('"kvasir_backup": 1', '"kvasir_backup": 2'), "newer version"],
])("%j is refused", (text, reason) => {
  expect(() => parseManifest(text, "/backups/one/backup.json")).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(new RegExp(`^/backups/one/backup.json.*${reason}`)),
    }),
  );
});
