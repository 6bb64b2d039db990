import { reportError } from "./report.js";

/** Runs before the user's module does. */
export function prepare(functionName: string): void {
  addEventListener("unhandledrejection", (event) => {
    reportError(functionName, (event as PromiseRejectionEvent).reason);
  });
}
