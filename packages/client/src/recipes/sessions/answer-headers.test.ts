import { expect, test } from "vitest";
import { sessionCacheControl, varyOnCookie } from "./answer-headers.js";

test.each<[chosen: string | null, header: string]>([
  [null, "private"],
  ["", "private"],
  ["public, max-age=60", "private, max-age=60"],
  ["s-maxage=60, proxy-revalidate", "private"],
  ["max-age=60", "private, max-age=60"],
  ["no-cache", "private, no-cache"],
  ['private="X-A", max-age=1', "private, max-age=1"],
  ['no-cache="a, b", PUBLIC', 'private, no-cache="a, b"'],
  ["max-age=60, private", "max-age=60, private"],
  ["public, No-Store", "public, No-Store"],
])("Cache-Control %j becomes %j", (chosen, header) => {
  expect(sessionCacheControl(chosen)).toBe(header);
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
