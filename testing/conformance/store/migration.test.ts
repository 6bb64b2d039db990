/**
 * A data directory that a program of format 1 has written: namespaces, small and large values, metadata,
 * content types, expirations, deleted and expired entries, a deleted namespace, an abandoned upload, tokens,
 * changes.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type Change,
  checkDataDirectory,
  DATA_FILE,
  type DataUpgrade,
  FakeClock,
  type NamespaceRecord,
  RECLAIM_AFTER_MS,
  readManifest,
  restoreBackup,
} from "@kvasir/store";
import { open as openLmdb } from "lmdb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FORMAT, migrateStep } from "../../../packages/store/src/engines/lmdb/format.js";
import { type LmdbStore, openLmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import { readU56 } from "../../../packages/store/src/engines/lmdb/numbers.js";
import { positionOf } from "../../../packages/store/src/engines/lmdb/positions.js";
import { nameKey, openTables } from "../../../packages/store/src/engines/lmdb/tables.js";
import { bytesOf, input } from "./store-case.js";
import { StoreProcess } from "./store-process.js";

/**
 * Version, expiration, time of writing, metadata, content type, bytes; then the value, or its hash if it is
 * long.
 */
type StoredEntry = [number, number | null, number, string | null, string | null, number, string];

interface Written {
  readonly writtenMs: number;
  readonly version: number;
  readonly namespaces: readonly object[];
  readonly tokenRecords: readonly object[];
  /** The changes of the namespace `PLAIN`, up to the deletion of `deleted 9`. */
  readonly changes: { readonly count: number; readonly sha256: string };
  readonly entries: Readonly<Record<string, Readonly<Record<string, StoredEntry>>>>;
}

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
const written = JSON.parse(fixture("format-1.json").toString()) as Written;
const PLAIN = "1".repeat(32);

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-migration-"));
  path = join(folder, "data");
  mkdirSync(path);
  writeFileSync(join(path, DATA_FILE), gunzipSync(fixture("format-1.mdb.gz")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** At the time of writing, when nothing had expired. */
function open(clock = new FakeClock(written.writtenMs)): LmdbStore {
  return openLmdbStore(path, { clock });
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

async function entriesIn(store: LmdbStore, namespace: string): Promise<Record<string, StoredEntry>> {
  const entries: Record<string, StoredEntry> = {};
  for (const { key, modifiedMs, version } of store.entries.list(namespace, { limit: 1000 }).entries) {
    const entry = store.entries.get(namespace, key);
    if (entry === null) throw new Error(`${key} is listed but not there.`);
    expect(entry.version).toBe(version);
    const value = await bytesOf(entry.value);
    const shown = value.length <= 40 ? value.toString() : `sha256:${sha256(value)}`;
    const { expirationMs, metadata, contentType } = entry;
    entries[key] = [version, expirationMs, modifiedMs, metadata, contentType, value.length, shown];
  }
  return entries;
}

async function expectAllThere(store: LmdbStore): Promise<void> {
  for (const [namespace, entries] of Object.entries(written.entries)) {
    expect(await entriesIn(store, namespace)).toEqual(entries);
    expect(await store.entries.count(namespace, {})).toBe(Object.keys(entries).length);
  }
  const { namespaces } = store.namespaces.list();
  expect(namespaces).toEqual(written.namespaces);
  for (const namespace of namespaces) expect(store.namespaces.find(namespace.title)).toEqual(namespace);
  const byTitle = [...namespaces].sort((one, other) => Buffer.compare(titleOf(one), titleOf(other)));
  expect(store.namespaces.list({ order: "title" }).namespaces).toEqual(byTitle);
  expect(store.records("tokens").list()).toEqual(written.tokenRecords);
  expect(store.maintenance.check().problems).toEqual([]);
}

function titleOf({ title }: NamespaceRecord): Buffer {
  return Buffer.from(title);
}

test("is migrated when it is opened, and everything is there", async () => {
  const store = open();
  await expectAllThere(store);
  expect(store.changes.position()).toBe(positionOf(written.version));
  const changes: Omit<Change, "position">[] = [];
  for await (const { position: _, ...change } of store.changes.watch({
    namespace: PLAIN,
    since: positionOf(0),
  })) {
    changes.push(change);
    if (changes.length === written.changes.count) break;
  }
  expect(sha256(JSON.stringify(changes))).toBe(written.changes.sha256);
  await store.close();
});

test("can be written, closed and opened again, and what is due is swept", async () => {
  const store = open();
  expect(await store.entries.increment(PLAIN, "counter", 1, null)).toMatchObject({ value: 43 });
  await store.entries.put(PLAIN, "large 2", input("small now"));
  await store.entries.delete(PLAIN, "large 1");
  await store.close();

  const clock = new FakeClock(written.writtenMs + 86_400_001);
  const again = open(clock);
  expect(again.entries.get(PLAIN, "counter")?.value.toString()).toBe("43");
  expect(again.entries.get(PLAIN, "large 1")).toBeNull();
  expect(again.entries.get(PLAIN, "expires 3")).toBeNull();
  await again.maintenance.sweep();
  // Values that have just been replaced or have expired can be read for a while longer.
  clock.advance(RECLAIM_AFTER_MS + 1);
  await again.maintenance.sweep();
  const kept = Object.keys(written.entries).flatMap((id) => again.entries.list(id, { limit: 1000 }).entries);
  expect(again.maintenance.rowsOf("entries"), "the deleted namespace and what has expired are gone").toBe(
    kept.length,
  );
  expect(again.maintenance.rowsOf("reclaim"), "and the abandoned upload, and replaced values").toBe(0);
  expect(again.maintenance.check().problems).toEqual([]);
  await again.close();
});

test("its titles are taken, until their namespaces are renamed or deleted", async () => {
  const store = open();
  for (const { id, title } of store.namespaces.list().namespaces) {
    const again = { id: `again ${id}`, title };
    await expect(store.namespaces.create(again)).rejects.toMatchObject({ code: "namespace_exists" });
    if (id === PLAIN) await store.namespaces.rename(id, "Renamed");
    else await store.namespaces.delete(id);
    expect(await store.namespaces.create(again)).toMatchObject(again);
  }
  expect(store.maintenance.check().problems).toEqual([]);
  await store.close();
});

test("four processes that open it at once migrate it together", async () => {
  const four = await Promise.all(Array.from({ length: 4 }, () => StoreProcess.open(path)));
  await Promise.all(four.map((each) => each.call("increments", PLAIN, "counter", 50)));
  await Promise.all(four.map((each) => each.kill()));
  const store = open();
  expect(store.entries.get(PLAIN, "counter")?.value.toString()).toBe("242");
  expect(store.maintenance.check().problems).toEqual([]);
  await store.close();
});

test("a migration that was cut short after any of its transactions goes on when it is opened again", async () => {
  for (let steps = 1; ; steps++) {
    writeFileSync(join(path, DATA_FILE), gunzipSync(fixture("format-1.mdb.gz")));
    rmSync(join(path, `${DATA_FILE}-lock`), { force: true });
    const done = await migrateSteps(steps);
    const store = open();
    await expectAllThere(store);
    await store.close();
    if (done) break;
  }
});

/** Returns whether the migration was complete. */
async function migrateSteps(steps: number): Promise<boolean> {
  const root = openLmdb(join(path, DATA_FILE), { noSubdir: true, maxDbs: 16, overlappingSync: false });
  const tables = root.transactionSync(() => openTables(root));
  let done = false;
  for (let step = 0; step < steps; step++) {
    done = root.transactionSync(() => migrateStep(tables, path, { others: () => [], beforeUpgrade() {} }));
    // The program of format 1 reads this and refuses the directory with a message of its own.
    const format = tables.meta.getBinaryFast(nameKey("format"));
    expect(format && readU56(format, 0)).toBe(FORMAT);
  }
  await root.close();
  return done;
}

test("is refused while an older program has it open", async () => {
  const reader = spawn(process.execPath, ["--input-type=module", "-e", READER, join(path, DATA_FILE)]);
  await once(reader.stdout, "data");
  expect(() => open()).toThrow(
    expect.objectContaining({
      code: "storage_format",
      message: expect.stringContaining(`process ${reader.pid}`),
      hint: expect.stringMatching(/^Stop that process/),
    }),
  );
  reader.kill("SIGKILL");
  await once(reader, "exit");
  const store = open();
  await expectAllThere(store);
  await store.close();
});

/** Reads like the older program, which has an LMDB reader from its first read on. */
const READER = `
  import { open } from "lmdb";
  const root = open(process.argv[1], { noSubdir: true, maxDbs: 16, overlappingSync: false });
  root.openDB({ name: "meta", encoding: "binary", keyEncoding: "binary" }).getBinary(Buffer.from("format"));
  console.log("open");
  setInterval(() => {}, 1000);
`;

const BACKUP = "data.format-1.backup";

/** Opens the directory, closes it again, and returns what was told of an upgrade. */
async function upgrade(options: { readonly upgradeBackup?: boolean } = {}): Promise<readonly DataUpgrade[]> {
  const upgrades: DataUpgrade[] = [];
  const store = openLmdbStore(path, { ...options, onUpgrade: (made) => upgrades.push(made) });
  await store.close();
  return upgrades;
}

test("a backup of the data as they were is made beside them first, once", async () => {
  const original = gunzipSync(fixture("format-1.mdb.gz"));
  const backup = join(folder, BACKUP);
  expect(await upgrade()).toEqual([{ directory: path, fromFormat: 1, toFormat: FORMAT, backup }]);
  expect(readFileSync(join(backup, DATA_FILE)).equals(original)).toBe(true);
  expect(readManifest(backup)).toMatchObject({
    format: 1,
    fileBytes: original.length,
    sha256: sha256(original),
  });
  expect(await upgrade(), "there is nothing to upgrade any more").toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(["data", BACKUP]);

  rmSync(path, { recursive: true });
  await restoreBackup(backup, path);
  expect(readFileSync(join(path, DATA_FILE)).equals(original)).toBe(true);
  expect(await upgrade(), "the same data have that backup already").toMatchObject([{ backup }]);
  expect(readdirSync(folder).sort()).toEqual(["data", BACKUP]);
  const store = open();
  await expectAllThere(store);
  await store.close();
});

test("a backup of other data is not taken for one of these", async () => {
  await upgrade();
  const manifest = join(folder, BACKUP, "backup.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"transaction": "/, "$&9"));
  writeFileSync(join(path, DATA_FILE), gunzipSync(fixture("format-1.mdb.gz")));
  rmSync(join(path, `${DATA_FILE}-lock`), { force: true });
  expect(await upgrade()).toMatchObject([{ backup: join(folder, `${BACKUP}-2`) }]);
});

test("a crash before the backup has its name is made up for", async () => {
  // What a killed process leaves: no system gives a process this number.
  const left = join(folder, `.${BACKUP}.unfinished-${hostname().replace(/[^A-Za-z0-9.]/g, "_")}-4194999-1`);
  mkdirSync(left);
  appendFileSync(join(left, DATA_FILE), "half");
  expect(await upgrade()).toHaveLength(1);
  expect(readdirSync(folder).sort()).toEqual(["data", BACKUP]);
});

test("no backup is made if none is wanted", async () => {
  expect(await upgrade({ upgradeBackup: false })).toMatchObject([{ backup: null }]);
  expect(readdirSync(folder)).toEqual(["data"]);
});

test("a check upgrades nothing", async () => {
  const before = readFileSync(join(path, DATA_FILE));
  await expect(checkDataDirectory(path)).rejects.toMatchObject({
    code: "storage_format",
    hint: expect.stringContaining("kvasir serve"),
  });
  expect(readFileSync(join(path, DATA_FILE)).equals(before)).toBe(true);
  expect(existsSync(join(folder, BACKUP))).toBe(false);
});
