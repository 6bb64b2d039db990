import { expect, test } from "vitest";
import { directoryOf } from "./places.js";

test("a locator names a directory, or none for data in a cluster", () => {
  expect(directoryOf("lmdb:./data")).toBe("./data");
  expect(directoryOf("./data")).toBe("./data");
  for (const scheme of ["valkey", "redis", "valkeys", "rediss"]) {
    expect(directoryOf(`${scheme}://:secret@host:7000/name`)).toBeNull();
  }
});

test.each([
  ["tikv://:secret@host/name", "unsupported", "This version of Kvasir has no engine for tikv:// data."],
  ["redis://:secret@host", "bad_request", expect.stringContaining("no name")],
])("%s is refused without its password", (locator, code, message) => {
  expect(() => directoryOf(locator)).toThrow(expect.objectContaining({ code, message }));
});
