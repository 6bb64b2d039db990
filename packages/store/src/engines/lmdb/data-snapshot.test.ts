import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readManifest } from "../../backup/manifest.js";
import { restoreBackup } from "../../backup/restore.js";
import { FakeClock } from "../../store/clock.js";
import { DATA_FILE } from "../../store/files.js";
import { type LmdbStore, openLmdbStore } from "./lmdb-store.js";

const NAMESPACE = "0123456789abcdef0123456789abcdef";
let folder: string;
let store: LmdbStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-snapshot-"));
  store = openLmdbStore(join(folder, "data"), { durability: "relaxed" });
  await store.namespaces.create({ id: NAMESPACE, title: "One" });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (key: string, value: string | Buffer) =>
  store.entries.put(NAMESPACE, key, {
    value: Buffer.from(value),
    expirationMs: null,
    metadata: null,
    contentType: null,
  });

/** Writes all keys in one transaction, with the number of the round as their value. */
async function writeRound(round: number): Promise<void> {
  const value = Buffer.from(String(round).padEnd(500, " "));
  const entry = { type: "put", value, expirationMs: null, metadata: null, contentType: null } as const;
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
  await store.entries.commit(
    NAMESPACE,
    [],
    keys.map((key) => ({ ...entry, key })),
  );
}

test("a snapshot is of one position, whatever is written while it is read", async () => {
  await put("large", Buffer.alloc(9_000_000, "a"));
  await writeRound(0);
  for (let taken = 0; taken < 3; taken++) {
    const snapshot = store.maintenance.snapshot?.();
    if (snapshot === undefined) throw new Error("There is no snapshot().");
    // The file has newer heads by the time it is read.
    for (let round = 0; round < 3; round++) await writeRound(taken * 1000 + round + 1);
    const chunks: Uint8Array[] = [];
    for await (const chunk of snapshot.chunks()) {
      chunks.push(chunk);
      // Replaces every page several times: without the read transaction, LMDB would reuse those of the snapshot.
      for (let round = 0; round < 10; round++) await writeRound(taken * 1000 + chunks.length * 10 + round);
    }
    await put("large", Buffer.alloc(9_000_000, String(taken)));
    const bytes = Buffer.concat(chunks);
    expect(bytes.length).toBe(snapshot.byteLength);
    const copy = join(folder, `copy ${taken}`);
    mkdirSync(copy);
    writeFileSync(join(copy, DATA_FILE), bytes);
    const opened = openLmdbStore(copy);
    expect(opened.maintenance.check().problems).toEqual([]);
    expect(opened.changes.position()).toBe(snapshot.position);
    const values = opened.entries
      .list(NAMESPACE, { limit: 100 })
      .entries.filter(({ key }) => key !== "large")
      .map(({ key }) => opened.entries.get(NAMESPACE, key)?.value.toString().trim());
    expect(new Set(values).size, "all keys are of the same transaction").toBe(1);
    await opened.close();
  }
});

test("a backup has everything that was acknowledged before, and keeps ids and records", async () => {
  await put("key", "value");
  await store.records("tokens").put("hash", { id: "1" });
  const progress: number[] = [];
  const path = join(folder, "backups", "one");
  const report = await store.maintenance.backup?.(path, { onProgress: ({ bytes }) => progress.push(bytes) });
  await put("key", "later");
  expect(report).toMatchObject({ path, entries: 1, bytes: 5 });
  expect(progress.at(-1)).toBe(report?.fileBytes);
  expect(readdirSync(path).sort()).toEqual(["backup.json", DATA_FILE]);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(path)) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
  expect(readManifest(path)).toMatchObject({ entries: 1, bytes: 5, position: report?.position, sequence: 1 });

  const restored = join(folder, "restored");
  await restoreBackup(path, restored);
  const again = openLmdbStore(restored);
  expect(again.entries.get(NAMESPACE, "key")?.value.toString()).toBe("value");
  expect(again.namespaces.find("One")?.id).toBe(NAMESPACE);
  expect(again.records("tokens").list()).toEqual([{ name: "hash", record: { id: "1" } }]);
  await again.close();
});

test("a copy that is not sound gets no name, and nothing of it stays", async () => {
  await put("key", "value");
  const path = join(folder, "backups", "one");
  const check = () => ({
    readable: true,
    entries: 1,
    bytes: 1,
    problemCount: 1,
    problems: [{ message: "The entry is damaged." }],
  });
  await expect(store.maintenance.backup?.(path, { check })).rejects.toMatchObject({
    code: "storage_corrupt",
    message: expect.stringContaining("The entry is damaged."),
  });
  expect(readdirSync(join(folder, "backups"))).toEqual([]);
});

test("a store that is closed ends its snapshots", async () => {
  await put("large", Buffer.alloc(9_000_000, "a"));
  const snapshot = store.maintenance.snapshot?.();
  const chunks = snapshot?.chunks()[Symbol.asyncIterator]();
  await chunks?.next();
  await store.close();
  await expect(chunks?.next()).rejects.toMatchObject({ code: "unavailable" });
  expect(() => store.maintenance.snapshot?.()).toThrow(expect.objectContaining({ code: "unavailable" }));
  expect(readFileSync(join(folder, "data", DATA_FILE)).length).toBeGreaterThan(0);
});

test("a store in memory has neither", async () => {
  const memory = openLmdbStore(":memory:", { clock: new FakeClock() });
  expect(memory.maintenance.backup).toBeUndefined();
  expect(memory.maintenance.snapshot).toBeUndefined();
  await memory.close();
});
