import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "./turns.js";

test("whoever comes first in a turn goes on at once", async () => {
  const turns = new Turns();
  expect(turns.next()).toBeUndefined();
  await setImmediate();
  expect(turns.next()).toBeUndefined();
});

test("the others go one in each turn, in the order in which they came", async () => {
  const turns = new Turns();
  void turns.next();
  const went: string[] = [];
  for (const name of ["a", "b", "c"]) void turns.next()?.then(() => went.push(name));
  const afterTurns: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    await setImmediate();
    afterTurns.push(went.length);
  }
  expect(went).toEqual(["a", "b", "c"]);
  expect(afterTurns.every((count, turn) => count <= turn + 1)).toBe(true);
});

test("while others come they come first, for as long as the part before took", async () => {
  let nowMs = 0;
  const turns = new Turns(() => nowMs);
  void turns.next();
  nowMs = 5;
  let went = false;
  void turns.next()?.then(() => {
    went = true;
  });
  const turnOfOthers = async () => {
    turns.othersCame();
    await setImmediate();
    return went;
  };
  expect([await turnOfOthers(), await turnOfOthers()]).toEqual([false, false]);
  nowMs = 10;
  await setImmediate();
  await setImmediate();
  expect(went).toBe(true);
});

test("a part of one comes between the parts of another", async () => {
  const turns = new Turns();
  const parts: string[] = [];
  const long = async (name: string) => {
    for (let part = 0; part < 3; part++) {
      await turns.next();
      parts.push(name);
    }
  };
  await Promise.all([long("a"), long("b")]);
  expect(parts).toEqual(["a", "b", "a", "b", "a", "b"]);
});
