/**
 * A server's safety net catches unexpected exceptions so that the server goes on. It must not hide them from tests:
 * whatever starts a server here uses one of these functions, unless the test provokes such exceptions.
 */
import type { KvasirEvent } from "kvasir";

/** For servers in other processes. @throws Error if `said` reports an unexpected exception */
export function checkNothingUnexpected(said: string): void {
  const line = said.split("\n").find((each) => each.includes("Unexpected exception"));
  if (line !== undefined) throw new Error(`The safety net has caught something: ${line}`);
}

/** For servers inside the test's process: an `onEvent` that fails the test run on an unexpected exception. */
export function failOnUnexpected(event: KvasirEvent): void {
  if (event.event !== "error" || event.unexpected !== true) return;
  // Thrown later, because the server would catch it here.
  setImmediate(() => {
    throw new Error(`${event.message}\n${event.stack}`);
  });
}
