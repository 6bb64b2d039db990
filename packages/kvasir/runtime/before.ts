import { CONSOLE_MARK } from "../src/wire/function-report.js";
import { installConsole } from "./console.js";
import { reportError } from "./report.js";

/**
 * Call it before the user's module runs.
 *
 * @param options.shared whether other functions write to the same log
 */
export function prepare(functionName: string, { shared = false } = {}): void {
  // First the label, so that the methods that are installed write through it.
  if (shared) labelConsole(functionName);
  installConsole();
  addEventListener("unhandledrejection", (event) => {
    reportError(functionName, (event as PromiseRejectionEvent).reason);
  });
}

/** Puts the function's name before each line of its console, because workerd's log does not say whose it is. */
function labelConsole(functionName: string): void {
  const label = `${CONSOLE_MARK}${functionName}${CONSOLE_MARK}`;
  for (const method of ["debug", "error", "info", "log", "warn"] as const) {
    // biome-ignore lint/suspicious/noConsole: it is what is labelled
    const write = console[method].bind(console);
    console[method] = (first?: unknown, ...rest: unknown[]) =>
      // A format string must stay first.
      typeof first === "string" ? write(label + first, ...rest) : write(label, first, ...rest);
  }
}
