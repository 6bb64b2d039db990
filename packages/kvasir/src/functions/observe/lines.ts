import type { Readable } from "node:stream";
import { OUTPUT_LINE_LENGTH_MAX } from "../limits.js";

/** Calls back with each line of a stream of UTF-8 text. A line that is too long is split. */
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
  // The process at the other end broke off. Its exit event reports why.
  stream.on("error", () => undefined);
}

/**
 * Parses the JSON object in a line. Returns `undefined` for any other line: functions
 * can write to our channels too.
 */
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
