import { expect, it } from "vitest";
import { printableLine, printableText } from "./printable.js";

it.each([
  ["two\nlines\tand a tab", "two\nlines\tand a tab"],
  ["\u001b[1;31mred\u001b[0m", "\u001b[1;31mred\u001b[0m"],
  ["\u001b[2Jcleared", "\ufffd[2Jcleared"],
  ["\u001b]0;title\u0007", "\ufffd]0;title\ufffd"],
  ["over\rwritten", "over\ufffdwritten"],
  ["of Windows\r\n", "of Windows\n"],
  ["\u009b2J\u007f\u0000", "\ufffd2J\ufffd\ufffd"],
])("shows %j as %j", (text, shown) => {
  expect(printableText(text)).toBe(shown);
});

it("keeps a line a line", () => {
  expect(printableLine("/a\n\u001b[31m\u0085b")).toBe("/a\ufffd\ufffd[31m\ufffdb");
});
