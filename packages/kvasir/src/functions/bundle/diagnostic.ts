import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Location } from "esbuild";

/** A problem in a user's source, formatted for people: the message with its location, and the line itself. */
export interface Diagnostic {
  /** `src/index.ts:3:14: Expected ";" but found "return"` */
  readonly message: string;
  /** The line, with a caret under the column. `undefined` if the problem is not in a file. */
  readonly frame: string | undefined;
  /** Absolute path of the file. `undefined` if the problem is not in a file. */
  readonly file: string | undefined;
}

/** The part of esbuild's messages that people see. */
interface Described {
  readonly text: string;
  readonly notes: readonly { readonly text: string }[];
  readonly location: Pick<Location, "file" | "line" | "column" | "length" | "lineText"> | null;
}

/**
 * @param absolute resolves the paths that esbuild reports, which are relative to its working folder
 * @param base the folder that displayed paths are relative to
 */
export function diagnosticOf(
  message: Described,
  absolute: (file: string) => string,
  base: string,
): Diagnostic {
  const notes = message.notes.map((note) => note.text).filter((text) => text !== "");
  const text = [message.text, ...notes].join(" ");
  const { location } = message;
  if (location === null) return { message: text, frame: undefined, file: undefined };
  const file = absolute(location.file);
  const shown = relative(base, file);
  // esbuild counts columns in bytes from 0; editors count from 1.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return {
    message: `${shown.startsWith("..") ? file : shown}:${location.line}:${before.length + 1}: ${text}`,
    frame: frameOf(location.line, location.lineText, before, location.length),
    file,
  };
}

/** A problem of an import, located by the first line of the file that contains the import's text. */
export function diagnosticAt(file: string, specifier: string, text: string): Diagnostic {
  const lines = readFileSync(file, "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(specifier));
  if (at === -1) return { message: text, frame: undefined, file };
  const lineText = lines[at] as string;
  // With the quotes, as esbuild marks it.
  const column = Math.max(0, Buffer.byteLength(lineText.slice(0, lineText.indexOf(specifier))) - 1);
  const location = { file, line: at + 1, column, length: specifier.length + 2, lineText };
  return diagnosticOf({ text, notes: [], location }, () => file, process.cwd());
}

const FRAME_WIDTH_MAX = 160;

export function frameOf(line: number, text: string, before: string, length: number): string {
  const gutter = String(line);
  // A minified line would fill the screen: show only the part around the column.
  const start = before.length > FRAME_WIDTH_MAX / 2 ? before.length - FRAME_WIDTH_MAX / 2 : 0;
  const shown = text.slice(start, start + FRAME_WIDTH_MAX);
  const pad = before.slice(start).replace(/[^\t]/g, " ");
  const carets = "^".repeat(Math.max(1, Math.min(length, shown.length - pad.length)));
  return `    ${gutter} | ${shown}\n    ${" ".repeat(gutter.length)} | ${pad}${carets}`;
}
