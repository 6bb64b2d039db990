import { expect, test } from "vitest";
import { directivesOf, secondsOf } from "./cache-control.js";

test.each<[string | null, Record<string, string | true>]>([
  [null, {}],
  ["", {}],
  ["no-store", { "no-store": true }],
  ["Public, MAX-AGE=60", { public: true, "max-age": "60" }],
  ['max-age="60" ,, s-maxage = 5', { "max-age": "60", "s-maxage": "5" }],
  ['private="Set-Cookie, no-store", max-age=1', { private: "Set-Cookie, no-store", "max-age": "1" }],
  ["max-age=1, max-age=2", { "max-age": "1" }],
])("%j", (header, directives) => {
  expect(Object.fromEntries(directivesOf(header))).toEqual(directives);
});

test.each([
  ["max-age=60", 60],
  ["max-age", 0],
  ["max-age=-1", 0],
  ["max-age=1.5", 0],
  ["max-age=abc", 0],
  ["max-age=99999999999999999999", 2 ** 31],
  ["public", undefined],
])("the seconds of %s", (header, seconds) => {
  expect(secondsOf(directivesOf(header), "max-age")).toBe(seconds);
});
