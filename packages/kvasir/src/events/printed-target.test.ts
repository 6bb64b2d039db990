import { expect, it } from "vitest";
import { PRINTED_TARGET_LENGTH_MAX } from "./limits.js";
import { printedTarget } from "./printed-target.js";

it.each([
  ["/a", "/a"],
  ["/a?", "/a?"],
  ["/a?prefix=user:&limit=3", "/a?prefix=user:&limit=3"],
  ["/a?token=abc&x=1", "/a?token=***&x=1"],
  ["/a?x=1&access_token=abc=def", "/a?x=1&access_token=***"],
  ["/a?%74oken=abc", "/a?%74oken=***"],
  ["/a?API-Key=1&apikey=2&api.key=3", "/a?API-Key=***&apikey=***&api.key=***"],
  ["/a?client_secret=1&password=2&passwd=3&pwd=4", "/a?client_secret=***&password=***&passwd=***&pwd=***"],
  ["/a?X-Amz-Signature=1&X-Amz-Credential=2&sig=3", "/a?X-Amz-Signature=***&X-Amz-Credential=***&sig=***"],
  ["/a?authorization=Bearer+1&auth=2&author=Ada", "/a?authorization=***&auth=***&author=Ada"],
  ["/a?code=1&status_code=200&sid=2&side=left", "/a?code=***&status_code=200&sid=***&side=left"],
  ["/a?token", "/a?token"],
  ["/a?%=1&b=2?token=3", "/a?%=1&b=2?token=3"],
  [`/kvasir_${"A-z_0".repeat(8)}abc/x?y=kvasir_${"b".repeat(43)}`, "/***/x?y=***"],
])("%s is logged as %s", (target, printed) => {
  expect(printedTarget(target)).toBe(printed);
});

it("cuts a long one", () => {
  const printed = printedTarget(`/${"a".repeat(16_000)}`);
  expect(printed).toHaveLength(PRINTED_TARGET_LENGTH_MAX + 1);
  expect(printed.endsWith("…")).toBe(true);
});
