import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../store/clock.js";
import { type LmdbStore, openLmdbStore } from "./lmdb-store.js";

const BYSTANDERS = 300;

let store: LmdbStore;
beforeEach(async () => {
  store = openLmdbStore(":memory:", { clock: systemClock });
  await createMany("bystander", BYSTANDERS);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
});

function createMany(name: string, count: number): Promise<unknown> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      store.namespaces.create({ id: `${name}-${index}`, title: `${name} ${index}` }),
    ),
  );
}

/** How many records of namespaces `act` reads. */
async function recordsRead(act: () => unknown): Promise<number> {
  const parsed = vi.spyOn(JSON, "parse");
  await act();
  const { length } = parsed.mock.calls;
  parsed.mockRestore();
  return length;
}

test.each<[string, () => unknown]>([
  ["creating one", () => store.namespaces.create({ id: "new", title: "New" })],
  ["finding one by its title", () => store.namespaces.find("bystander 7")],
  ["looking for one that is not there", () => [store.namespaces.get("none"), store.namespaces.find("None")]],
  ["renaming one", () => store.namespaces.rename("bystander-7", "Seven")],
  ["deleting one", () => store.namespaces.delete("bystander-7")],
  ["writing to one", () => store.entries.delete("bystander-7", "key")],
  ["reading from one", () => store.entries.get("bystander-7", "key")],
])("%s does not read the others", async (_, act) => {
  expect(await recordsRead(act)).toBeLessThanOrEqual(3);
});

test("a page reads what it shows", async () => {
  for (const order of ["id", "title"] as const) {
    const query = { order, offset: BYSTANDERS / 2, limit: 10 };
    expect(await recordsRead(() => store.namespaces.list(query))).toBe(10);
  }
});

test("after a change of the namespaces, reads ask again for those that they need", async () => {
  store.entries.get("bystander-7", "key");
  await store.namespaces.create({ id: "new", title: "New" });
  expect(await recordsRead(() => store.entries.get("bystander-7", "key"))).toBe(1);
  expect(await recordsRead(() => store.entries.get("bystander-7", "key"))).toBe(0);
});
