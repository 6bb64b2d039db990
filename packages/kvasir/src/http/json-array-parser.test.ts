import { expect, test } from "vitest";
import { JsonArrayParser } from "./json-array-parser.js";

/** Parses the text in parts of `partBytes` bytes. */
function parsed(text: string, partBytes: number): unknown[] {
  const items: unknown[] = [];
  const parser = new JsonArrayParser((item) => items.push(item));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.byteLength; at += partBytes) parser.write(bytes.subarray(at, at + partBytes));
  parser.end();
  return items;
}

const MARK = "\ufeff";

test.each([1, 2, 3, 7, 65_536])(
  "keeps U+FEFF wherever a string has it, in parts of %i bytes",
  (partBytes) => {
    const items = [
      `${MARK}start`,
      `in${MARK}side`,
      `end${MARK}`,
      MARK,
      MARK + MARK,
      `\u00e9${MARK}`,
      { [`${MARK}key`]: `${MARK}value` },
      // Longer than the tokenizer's buffer, so that a mark begins a later piece.
      `${"x".repeat(65_536)}${MARK}y`,
      `${"x".repeat(65_535)}${MARK}y`,
    ];
    expect(parsed(JSON.stringify(items), partBytes)).toEqual(items);
  },
);
