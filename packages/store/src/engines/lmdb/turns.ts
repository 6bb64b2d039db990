import { setImmediate, setTimeout } from "../../store/timers.js";

/** Lets other work of the process through. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets other work of the process, and of the machine, go first for a while. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
