import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";

/** A piece of JSON text, and what it is. */
export interface JsonPiece {
  readonly kind: "key" | "string" | "number" | "word" | "other";
  readonly text: string;
}

/** A string and the colon behind it if it is a key; a number; a word; anything else. */
const PIECES = /("(?:[^"\\\n]|\\.)*"?)(?=(\s*:)?)|(-?\d[\d.eE+-]*)|(true|false|null)|[^"\dtfn-]+|./gs;

/** Splits JSON for colouring. The pieces together are the text, whatever it is. */
export function piecesOf(text: string): readonly JsonPiece[] {
  return Array.from(text.matchAll(PIECES), ([piece, string, colon, number, word]) => {
    const kind =
      string !== undefined
        ? colon === undefined
          ? "string"
          : "key"
        : number !== undefined
          ? "number"
          : word !== undefined
            ? "word"
            : "other";
    return { kind, text: piece };
  });
}

/** Where and why a text is not JSON, or `undefined` if it is. */
export function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const errors: ParseError[] = [];
    parse(text, errors, { disallowComments: true });
    const [first] = errors;
    const offset = first?.offset ?? text.length;
    const before = text.slice(0, offset).split("\n");
    const reason = first === undefined ? "not JSON" : words(printParseErrorCode(first.error));
    return `Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${reason}.`;
  }
}

/** `CommaExpected` as `comma expected`. */
function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
