import { setImmediate, setTimeout } from "../../store/timers.js";

/** Lets other work of the process run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets other work of the process and the machine run for a while. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
