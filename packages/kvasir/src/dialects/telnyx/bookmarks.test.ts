import { FakeClock } from "@kvasir/store";
import { expect, it } from "vitest";
import { Bookmarks } from "./bookmarks.js";
import { BOOKMARK_MS, BOOKMARKED_LISTS_MAX, BOOKMARKS_MAX } from "./limits.js";

const START = { offset: 0, cursor: undefined };

it("finds the last place that is not past the wanted one", () => {
  const bookmarks = new Bookmarks(new FakeClock());
  for (const offset of [40, 20, 60]) bookmarks.add("list", { offset, cursor: `at ${offset}` });
  expect(bookmarks.nearest("list", 19)).toEqual(START);
  expect(bookmarks.nearest("list", 20)).toEqual({ offset: 20, cursor: "at 20" });
  expect(bookmarks.nearest("list", 59)).toEqual({ offset: 40, cursor: "at 40" });
  expect(bookmarks.nearest("list", 1_000)).toEqual({ offset: 60, cursor: "at 60" });
  expect(bookmarks.nearest("another", 1_000)).toEqual(START);
});

it("takes the newest of two places at one offset, and forgets it after its time", () => {
  const clock = new FakeClock();
  const bookmarks = new Bookmarks(clock);
  bookmarks.add("list", { offset: 20, cursor: "old" });
  clock.advance(BOOKMARK_MS - 1);
  bookmarks.add("list", { offset: 20, cursor: "new" });
  bookmarks.add("list", { offset: 40, cursor: "later" });
  clock.advance(BOOKMARK_MS - 1);
  expect(bookmarks.nearest("list", 20)).toEqual({ offset: 20, cursor: "new" });
  clock.advance(1);
  expect(bookmarks.nearest("list", 40)).toEqual(START);
});

it("keeps the newest places and lists only", () => {
  const bookmarks = new Bookmarks(new FakeClock());
  for (let offset = 1; offset <= BOOKMARKS_MAX + 1; offset++) bookmarks.add("list", { offset, cursor: "x" });
  expect(bookmarks.nearest("list", 1)).toEqual(START);
  expect(bookmarks.nearest("list", 2).offset).toBe(2);
  for (let at = 0; at < BOOKMARKED_LISTS_MAX; at++) bookmarks.add(`list ${at}`, { offset: 1, cursor: "x" });
  expect(bookmarks.nearest("list", 1_000)).toEqual(START);
  expect(bookmarks.nearest("list 0", 1).offset).toBe(1);
});
