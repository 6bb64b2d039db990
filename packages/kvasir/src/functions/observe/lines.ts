import type { Readable } from "node:stream";
import { OUTPUT_LINE_LENGTH_MAX } from "../limits.js";

/** Calls back with each line of a stream of UTF-8 text; a line without end is cut into pieces. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) onLine(line);
    if (rest.length > OUTPUT_LINE_LENGTH_MAX) {
      onLine(rest);
      rest = "";
    }
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
  // The other end broke off; what ended it is told by its exit.
  stream.on("error", () => undefined);
}

/** The JSON object that a line holds; `undefined` for any other line. Functions can write what only our code should. */
export function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
