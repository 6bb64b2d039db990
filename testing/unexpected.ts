/**
 * The safety net catches exceptions so that a server goes on; it must not hide them from tests. What starts a server in
 * a test uses one of these, unless the test provokes such exceptions.
 */
import type { KvasirEvent } from "../packages/kvasir/src/events/events.js";

/** For servers of other processes. @throws Error when `said` reports an exception that nothing expected */
export function checkNothingUnexpected(said: string): void {
  const line = said.split("\n").find((each) => each.includes("Unexpected exception"));
  if (line !== undefined) throw new Error(`The safety net has caught something: ${line}`);
}

/** For servers inside the test's process: an `onEvent` that fails the test run at such an exception. */
export function failOnUnexpected(event: KvasirEvent): void {
  if (event.event !== "error" || event.unexpected !== true) return;
  // Where it is thrown the server would catch it.
  setImmediate(() => {
    throw new Error(`${event.message}\n${event.stack}`);
  });
}
