import { type FunctionReport, REPORT_MARK } from "../src/wire/function-report.js";

// Saved before the user's code runs: changes of `console` must not affect our reports.
// biome-ignore lint/suspicious/noConsole: it is the way out
const write = console.log.bind(console);

/** Sends a report to Kvasir. A line of workerd's structured log is the only way that needs no request. */
export function report(what: FunctionReport): void {
  write(REPORT_MARK + JSON.stringify(what));
}

/** Reports an exception with its causes. `request` is the id of the request that failed, if it has one. */
export function reportError(name: string, error: unknown, request?: string): void {
  report({
    type: "error",
    function: name,
    ...describe(error),
    ...(request === undefined ? {} : { request }),
  });
}

/** Formats an error as engines do: class, message and stack, then the same for each cause. */
export function describe(error: unknown): { message: string; stack: string } {
  if (!(error instanceof Error)) {
    const text = typeof error === "string" ? error : safeJson(error);
    return { message: `Uncaught ${text}`, stack: "" };
  }
  const title = `${error.name}: ${error.message}`;
  const stack = stackOf(error);
  let causes = "";
  for (let cause: unknown = error.cause, depth = 0; cause !== undefined && depth < 5; depth++) {
    causes += `\nCaused by: ${cause instanceof Error ? stackOf(cause) : safeJson(cause)}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return { message: title, stack: stack + causes };
}

function stackOf(error: Error): string {
  return error.stack ?? `${error.name}: ${error.message}`;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
