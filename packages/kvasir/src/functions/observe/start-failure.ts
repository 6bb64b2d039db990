import { parseLogLine } from "./workerd-log.js";

/** Why workerd did not start, as an error of its function. */
export interface StartFailure {
  readonly message: string;
  readonly stack: string | undefined;
}

const SERVICE = /^service function:[^:]+: /;

/** A function that does not load has no entrypoints for the sockets and bindings that lead to it. */
const CONSEQUENCE = /" refers to service "function:/;

/** Finds the error in the lines that workerd wrote before it exited. */
export function startFailure(lines: readonly string[]): StartFailure | undefined {
  for (const line of lines) {
    const log = parseLogLine(line);
    // Only workerd's own errors have a source. Other lines are a function's console output.
    const text =
      log === undefined ? line : log.source !== undefined && log.level === "error" ? log.message : "";
    if (text === "" || CONSEQUENCE.test(text)) continue;
    const [message = "", ...frames] = text
      .replace(SERVICE, "")
      .replace(/^Uncaught /, "")
      .split("\n");
    return {
      message,
      stack: frames.length === 0 ? undefined : [message, ...frames].join("\n"),
    };
  }
  return undefined;
}
