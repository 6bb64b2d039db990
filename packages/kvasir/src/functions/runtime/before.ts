import { CONSOLE_MARK } from "../observe/function-report.js";
import { reportError } from "./report.js";

/**
 * Runs before the user's module does.
 *
 * @param shared several functions write to one output, so each line must say whose it is
 */
export function prepare({ name, shared }: { readonly name: string; readonly shared: boolean }): void {
  addEventListener("unhandledrejection", (event) => {
    reportError(name, (event as PromiseRejectionEvent).reason);
  });
  if (!shared) return;
  const tag = `${CONSOLE_MARK}${name}${CONSOLE_MARK}`;
  for (const level of ["debug", "error", "info", "log", "warn"] as const) {
    // biome-ignore lint/suspicious/noConsole: the functions' own is what this is about
    const write = console[level].bind(console);
    // In front of the first text, which may be a format: "%s" must stay the first argument's.
    console[level] = (...args: unknown[]) => {
      if (typeof args[0] === "string") write(tag + args[0], ...args.slice(1));
      else write(tag + CONSOLE_MARK, ...args);
    };
  }
}
