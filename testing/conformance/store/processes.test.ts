import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATA_FILE } from "@kvasir/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkDataFile } from "../../../packages/store/src/engines/lmdb/data-file.js";
import { type LmdbStore, openLmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import { bytesOf, input, NAMESPACE } from "./store-case.js";
import { StoreProcess } from "./store-process.js";

/** How long it takes at most until a namespace deleted by another process is gone, in milliseconds. */
const NOTICED_MS = 1000;

let path: string;
let store: LmdbStore;
let others: StoreProcess[];

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "kvasir-processes-"));
  store = openLmdbStore(path);
  others = [];
  await store.namespaces.create({ id: NAMESPACE, title: "Shared" });
});

afterEach(async () => {
  await Promise.all(others.map((other) => other.kill()));
  await store.close();
  rmSync(path, { recursive: true, force: true });
});

async function openOthers(count: number): Promise<readonly StoreProcess[]> {
  others = await Promise.all(Array.from({ length: count }, () => StoreProcess.open(path)));
  return others;
}

async function text(key: string): Promise<string> {
  return (await bytesOf(store.entries.get(NAMESPACE, key)?.value ?? Buffer.of())).toString();
}

test("increments of four processes and this one make the exact sum", async () => {
  const four = await openOthers(4);
  await Promise.all([
    ...four.map((other) => other.call("increments", NAMESPACE, "n", 500)),
    ...Array.from({ length: 500 }, () => store.entries.increment(NAMESPACE, "n", 1, null)),
  ]);
  expect(await text("n")).toBe("2500");
  expect(store.maintenance.check().problems).toEqual([]);
});

test("of many that put if absent one wins", async () => {
  const four = await openOthers(4);
  const outcomes = await Promise.all(
    four.map((other, index) => other.call("putText", NAMESPACE, "key", `${index}`, null)),
  );
  const winners = outcomes.filter((outcome) => (outcome as { ok: boolean }).ok);
  expect(winners).toHaveLength(1);
});

test("what one has written the others read at once", async () => {
  const [other] = await openOthers(1);
  await store.entries.put(NAMESPACE, "here", input("1"));
  expect(await other?.call("getText", NAMESPACE, "here")).toBe("1");
  await other?.call("putText", NAMESPACE, "there", "2");
  expect(await text("there")).toBe("2");
});

test("what one has written the others read at once however busy they are with reading", async () => {
  const [other] = await openOthers(1);
  await store.entries.put(NAMESPACE, "n", input("0"));
  await other?.call("readWithoutEnd", NAMESPACE, "n");
  const stale: number[] = [];
  for (let n = 1; n <= 200; n++) {
    await store.entries.put(NAMESPACE, "n", input(`${n}`));
    if ((await other?.call("getText", NAMESPACE, "n")) !== `${n}`) stale.push(n);
  }
  expect(stale).toEqual([]);
});

test("a namespace deleted by one is gone in the others within a second", async () => {
  const [other] = await openOthers(1);
  await store.entries.put(NAMESPACE, "key", input("1"));
  await other?.call("deleteNamespace", NAMESPACE);
  // Writes look it up inside their transaction, so for them it is already gone.
  await expect(store.entries.put(NAMESPACE, "key", input("2"))).rejects.toMatchObject({
    code: "namespace_not_found",
  });
  await vi.waitFor(
    () =>
      expect(() => store.entries.get(NAMESPACE, "key")).toThrow(
        expect.objectContaining({ code: "namespace_not_found" }),
      ),
    { timeout: NOTICED_MS, interval: 20 },
  );
});

test("a namespace created by one is there in the others", async () => {
  const [other] = await openOthers(1);
  await other?.call("createNamespace", { id: "new", title: "New" });
  expect(store.namespaces.find("New")).toMatchObject({ id: "new" });
  await vi.waitFor(() => expect(store.namespaces.get("new")).toMatchObject({ title: "New" }), {
    timeout: NOTICED_MS,
    interval: 20,
  });
});

test("a watcher sees the changes of every process, in one order and none twice", async () => {
  const two = await openOthers(2);
  const changes = store.changes.watch({ namespace: NAMESPACE });
  await Promise.all([
    ...two.map((other) => other.call("increments", NAMESPACE, "n", 200)),
    ...Array.from({ length: 200 }, () => store.entries.increment(NAMESPACE, "n", 1, null)),
  ]);
  const versions: number[] = [];
  for await (const change of changes) {
    versions.push(change.version);
    if (versions.length === 600) break;
  }
  expect(new Set(versions).size).toBe(600);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
});

test("a watcher that sleeps is woken by another process", async () => {
  const [other] = await openOthers(1);
  const next = store.changes.watch({ namespace: NAMESPACE })[Symbol.asyncIterator]().next();
  await other?.call("putText", NAMESPACE, "key", "1");
  expect((await next).value).toMatchObject({ type: "put", key: "key" });
});

test("a directory can be opened at any moment while another process makes it grow", async () => {
  const [other] = await openOthers(1);
  const grown = other?.call("grow", NAMESPACE, 150, 900_000);
  let growing = true;
  void grown?.finally(() => {
    growing = false;
  });
  while (growing) {
    for (let look = 0; look < 200; look++) checkDataFile(join(path, DATA_FILE), { writable: true });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await grown;
  expect(store.maintenance.check().problems).toEqual([]);
});

test("a process that is killed while it writes leaves everything whole, and the others going", async () => {
  for (let round = 0; round < 5; round++) {
    const other = await StoreProcess.open(path);
    other.call("increments", NAMESPACE, `round${round}`, 5000).catch(() => {});
    const before = store.changes.watch({ namespace: NAMESPACE, prefix: "round" })[Symbol.asyncIterator]();
    await before.next();
    await other.kill();
    await store.entries.put(NAMESPACE, "after", input(`${round}`));
    expect(store.maintenance.check().problems).toEqual([]);
  }
  expect(await text("after")).toBe("4");
});
