import { reportError } from "./report.js";

/** Call it before the user's module runs. */
export function prepare(functionName: string): void {
  addEventListener("unhandledrejection", (event) => {
    reportError(functionName, (event as PromiseRejectionEvent).reason);
  });
}
