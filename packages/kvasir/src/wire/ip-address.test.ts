import { expect, test } from "vitest";
import { isEveryAddress, isWithin, parseAddress, parseRange, withoutPort } from "./ip-address.js";

test.each<readonly [string, bigint | undefined]>([
  ["127.0.0.1", 0xffff7f000001n],
  ["::1", 1n],
  ["::", 0n],
  ["fd00::12:34", (0xfd00n << 112n) | 0x120034n],
  ["1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n],
  ["::ffff:127.0.0.1", 0xffff7f000001n],
  ...["", "1.2.3", "1.2.3.256", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":::", "g::", "unknown"].map(
    (text): readonly [string, undefined] => [text, undefined],
  ),
])("parses %j", (text, value) => {
  expect(parseAddress(text)).toBe(value);
});

test.each([
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["0.0.0.0/0", "203.0.113.7", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["fd00::/8", "fdff::1", true],
  ["192.0.2.1", "192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
] as const)("%s contains %s: %s", (range, address, contained) => {
  expect(isWithin(parseAddress(address) as bigint, parseRange(range) as never)).toBe(contained);
});

test.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "proxy.example"])(
  "%s is no range",
  (text) => {
    expect(parseRange(text)).toBeUndefined();
  },
);

test.each([
  ["127.0.0.1:80", "127.0.0.1"],
  ["[::1]:80", "::1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["[::ffff:10.0.0.1]:5", "10.0.0.1"],
  ["10.0.0.1", "10.0.0.1"],
])("%s without its port is %s", (text, address) => {
  expect(withoutPort(text)).toBe(address);
});

test.each([
  ["0.0.0.0/0", true],
  ["::/0", true],
  ["10.0.0.0/8", false],
  ["fd00::/8", false],
  ["2001:db8::/96", false],
  ["127.0.0.1", false],
])("%s contains every address of a kind: %s", (range, every) => {
  expect(isEveryAddress(parseRange(range) as never)).toBe(every);
});
