import { relative } from "node:path";
import type { Message } from "esbuild";

/** A problem in a user's source, formatted for people: the message with its location, and the line itself. */
export interface Diagnostic {
  /** `src/index.ts:3:14: Expected ";" but found "return"` */
  readonly message: string;
  /** The line, with a caret under the column. `undefined` if the problem is not in a file. */
  readonly frame: string | undefined;
  /** Absolute path of the file. `undefined` if the problem is not in a file. */
  readonly file: string | undefined;
}

/**
 * @param absolute resolves the paths that esbuild reports, which are relative to its working folder
 * @param base the folder that displayed paths are relative to
 */
export function diagnosticOf(message: Message, absolute: (file: string) => string, base: string): Diagnostic {
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
