import { installConsole } from "./console.js";
import { reportError } from "./report.js";

/** Call it before the user's module runs. */
export function prepare(functionName: string): void {
  installConsole();
  addEventListener("unhandledrejection", (event) => {
    reportError(functionName, (event as PromiseRejectionEvent).reason);
  });
}
