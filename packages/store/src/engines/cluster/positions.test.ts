import { expect, test } from "vitest";
import { isTold, parsePosition, positionOf } from "./positions.js";

const VERSION = 1_790_000_000_123_456;

test.each([
  { feed: "all", version: 0, told: null },
  { feed: "aB_-cdefghij", version: VERSION, told: null },
  { feed: "aB_-cdefghij", version: VERSION, told: { partition: 1023, number: 0 } },
])("%j comes back", (place) => {
  expect(parsePosition(positionOf(place))).toEqual(place);
});

test.each(["", "k", "k.all", "k.all.", "k.all.1.2", "k.all.zzzzzzzzzzz", "c10", "k.a b.1", "k.all.1\n", "1"])(
  "%j is no position",
  (text) => {
    expect(() => parsePosition(text)).toThrow(expect.objectContaining({ code: "bad_request" }));
  },
);

test("changes are told in the order of version, partition and number", () => {
  const place = { feed: "all", version: VERSION, told: { partition: 5, number: 2 } };
  const told = (version: number, partition: number, number: number) =>
    isTold(place, { version, partition, number });
  expect([told(VERSION - 1, 9, 9), told(VERSION, 4, 9), told(VERSION, 5, 2)]).toEqual([true, true, true]);
  expect([told(VERSION, 5, 3), told(VERSION, 6, 0), told(VERSION + 1, 0, 0)]).toEqual([false, false, false]);
  expect(isTold({ ...place, told: null }, { version: VERSION, partition: 9, number: 9 })).toBe(true);
});
