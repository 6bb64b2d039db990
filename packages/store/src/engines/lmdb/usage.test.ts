import { afterEach, expect, it } from "vitest";
import { FakeClock } from "../../store/clock.js";
import { type LmdbStore, openLmdbStore } from "./lmdb-store.js";

let store: LmdbStore | undefined;
afterEach(() => store?.close());

const bytes = (text: string) => ({
  value: Buffer.from(text),
  metadata: null,
  contentType: null,
  expirationMs: null,
});

it("counts live entries and their bytes by namespace, in slices", async () => {
  const clock = new FakeClock();
  const opened = openLmdbStore(":memory:", { clock });
  store = opened;
  for (const id of ["a", "b", "gone", "empty"]) await opened.namespaces.create({ id, title: id });
  await opened.entries.put("a", "k\u00e9y", {
    ...bytes("value"),
    metadata: '{"a":1}',
    contentType: "text/plain",
  });
  await opened.entries.put("a", "soon", { ...bytes("x"), expirationMs: clock.nowMs() + 1000 });
  await opened.entries.put("gone", "k", bytes("v"));
  await opened.namespaces.delete("gone");
  const many = Array.from({ length: 5000 }, (_, at) => ({
    type: "put" as const,
    key: `key-${String(at).padStart(4, "0")}`,
    ...bytes("0123456789"),
  }));
  await opened.entries.commit("b", [], many);
  const large = 3_000_000;
  await opened.entries.put("b", "large", { ...bytes(""), value: Buffer.alloc(large) });

  const usage = await opened.maintenance.usage();
  const byId = Object.fromEntries(usage.map(({ namespace, ...rest }) => [namespace, rest]));
  expect(byId).toEqual({
    a: { entries: 2, bytes: 4 + 5 + 7 + 10 + 5 },
    b: { entries: 5001, bytes: 5000 * 18 + 5 + large },
    empty: { entries: 0, bytes: 0 },
  });
  clock.advance(2000);
  expect((await opened.maintenance.usage()).find(({ namespace }) => namespace === "a")?.entries).toBe(1);
});

it("knows what the disk and the sweep are like", async () => {
  const clock = new FakeClock();
  const opened = openLmdbStore(":memory:", { clock });
  store = opened;
  await opened.namespaces.create({ id: "a", title: "a" });
  await opened.entries.put("a", "soon", { ...bytes("x"), expirationMs: clock.nowMs() + 1000 });
  expect(opened.maintenance.storage()).toMatchObject({
    sweepOverdueMs: 0,
    expiringEntries: 1,
    sweptTotal: 0,
  });
  // Nothing is awaited from here on: the sweep, which runs by real time, cannot come in between.
  clock.advance(4000);
  const { diskFreeBytes, diskBytes, dataBytes, dataBytesMax, sweepOverdueMs } = opened.maintenance.storage();
  expect(sweepOverdueMs).toBe(3000);
  expect(dataBytes).toBeGreaterThan(4096);
  expect(dataBytes).toBeLessThan(dataBytesMax);
  expect(diskFreeBytes).toBeGreaterThan(0);
  expect(diskFreeBytes).toBeLessThanOrEqual(diskBytes);
  await opened.maintenance.sweep();
  expect(opened.maintenance.storage()).toMatchObject({
    sweepOverdueMs: 0,
    expiringEntries: 0,
    sweptTotal: 1,
  });
});
