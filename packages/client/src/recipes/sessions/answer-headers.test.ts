import { expect, test } from "vitest";
import { sessionCacheControl, varyOnCookie } from "./answer-headers.js";

test.each<[chosen: string | null, carriesCookie: boolean, header: string]>([
  [null, false, "private"],
  [null, true, "private"],
  ["public, max-age=60", false, "public, max-age=60"],
  ["public, max-age=60", true, "private"],
  ["max-age=60", true, "private"],
  ["no-cache", true, "private"],
  ['private="X-A"', true, "private"],
  ["max-age=60, private", true, "max-age=60, private"],
  ["No-Store", true, "No-Store"],
])("Cache-Control %j, with a cookie %j: %j", (chosen, carriesCookie, header) => {
  expect(sessionCacheControl(chosen, carriesCookie)).toBe(header);
});

test.each<[chosen: string | undefined, header: string]>([
  [undefined, "Cookie"],
  ["", "Cookie"],
  ["Accept", "Accept, Cookie"],
  ["accept, cookie", "accept, cookie"],
  ["*", "*"],
])("Vary %j: %j", (chosen, header) => {
  expect(varyOnCookie(chosen)).toBe(header);
});
