import { afterEach, beforeEach, expect, test } from "vitest";
import { type Environment, openEnvironment } from "./environment.js";
import { nextTurn } from "./turns.js";

let environment: Environment;
beforeEach(() => {
  environment = openEnvironment(":memory:", { durability: "strict" });
});
afterEach(() => environment.letGo());

const key = (text: string) => Buffer.from(text);

async function put(...names: string[]): Promise<void> {
  await environment.committer.submit(() => {
    for (const name of names) environment.tables.records.putSync(key(name), key("value"));
  });
}

test("reads of one callback share a snapshot, and the next callback gets another", async () => {
  const { snapshots } = environment;
  const first = snapshots.renew();
  await Promise.resolve();
  expect(snapshots.renew()).toBe(first);
  await nextTurn();
  expect(snapshots.renew()).toBeGreaterThan(first);
});

test("who iterates slowly keeps the snapshot it began with while others get new ones", async () => {
  const { snapshots, tables } = environment;
  await put("a", "b", "c");
  const seen: string[] = [];
  snapshots.renew();
  for (const row of tables.records.getRange({})) {
    seen.push(Buffer.from(row.key).toString());
    await put(`z${seen.length}`);
    await nextTurn();
    snapshots.renew();
    expect(tables.records.getBinaryFast(key(`z${seen.length}`))).toBeDefined();
  }
  expect(seen).toEqual(["a", "b", "c"]);
});

test("reads go on through many callbacks, commits and iterations that are broken off", async () => {
  const { snapshots, tables } = environment;
  for (let round = 1; round <= 200; round++) {
    await put(`key ${round}`);
    for (let read = 0; read < 5; read++) {
      snapshots.renew();
      expect(tables.records.getBinaryFast(key(`key ${round}`))).toBeDefined();
      for (const _ of tables.records.getRange({})) break;
      await nextTurn();
    }
  }
});
