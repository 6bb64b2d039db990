import { setTimeout as wait } from "node:timers/promises";

/** The polling interval, in milliseconds. It is the error of the times measured with it. */
const EVERY_MS = 1;

/**
 * Polls until `isSo` resolves with true. A call that throws counts as false, because servers restart
 * meanwhile.
 *
 * @throws Error if the time is up
 */
export async function until(
  isSo: () => Promise<boolean>,
  { timeoutMs, what }: { readonly timeoutMs: number; readonly what: string },
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < endMs) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    await wait(EVERY_MS);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}, in vain.`, { cause: last });
}
