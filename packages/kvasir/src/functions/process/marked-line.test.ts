import { expect, it } from "vitest";
import { markedLine } from "./marked-line.js";

it.each([
  ["\u001e7f-a\u001etext", { message: "text", request: "7f-a" }],
  ["\u001e7f-a\u001e", { message: "", request: "7f-a" }],
  ["text", { message: "text" }],
  ["", { message: "" }],
  ["text \u001e7f-a\u001e", { message: "text \u001e7f-a\u001e" }],
  ["\u001eno end", { message: "\u001eno end" }],
  ["\u001ea b\u001etext", { message: "\u001ea b\u001etext" }],
])("%j", (line, expected) => {
  expect(markedLine(line)).toEqual(expected);
});
