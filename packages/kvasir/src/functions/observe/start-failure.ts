import { parseLogLine } from "./workerd-log.js";

/** Why workerd would not start, as it says for its function. */
export interface StartFailure {
  readonly message: string;
  readonly stack: string | undefined;
}

const SERVICE = /^service function:[^:]+: /;

/** Reads what workerd wrote before it gave up. */
export function startFailure(lines: readonly string[]): StartFailure | undefined {
  for (const line of lines) {
    const log = parseLogLine(line);
    // Its own complaints carry their source; other lines are a function's console.
    const text =
      log === undefined ? line : log.source !== undefined && log.level === "error" ? log.message : "";
    if (text === "") continue;
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
