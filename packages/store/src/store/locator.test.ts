import { describe, expect, test } from "vitest";
import { parseLocator, shownLocator } from "./locator.js";

describe("parseLocator", () => {
  test.each([
    ["./data", "lmdb", "./data"],
    ["/var/lib/kvasir", "lmdb", "/var/lib/kvasir"],
    [":memory:", "lmdb", ":memory:"],
    ["C:\\data", "lmdb", "C:\\data"],
    ["C:/data", "lmdb", "C:/data"],
    ["c:data", "lmdb", "c:data"],
    ["backup:2026", "lmdb", "backup:2026"],
    ["lmdb:./data", "lmdb", "./data"],
    ["LMDB:///var/data", "lmdb", "/var/data"],
    ["lmdb:C:\\data", "lmdb", "C:\\data"],
    ["valkey://host:6379,other:6379/name?reads=strong", "valkey", "host:6379,other:6379/name?reads=strong"],
    ["Redis://:secret@host/name", "redis", ":secret@host/name"],
  ])("%s is for %s, which opens %s", (text, engine, rest) => {
    expect(parseLocator(text)).toEqual({ engine, rest });
  });
});

test.each([
  ["./data", "./data"],
  ["valkey://host:7000/name", "valkey://host:7000/name"],
  ["redis://:secret@host/name", "redis://host/name"],
  ["rediss://ada:p@ss/word@host/name?acks=1", "rediss://host/name?acks=1"],
])("%s is shown as %s", (locator, shown) => {
  expect(shownLocator(locator)).toBe(shown);
});
