import { setTimeout as wait } from "node:timers/promises";

/** How often is asked, in milliseconds: the error of the times measured with it. */
const EVERY_MS = 1;

/**
 * Asks again and again until the answer is yes. A question that throws counts as no: servers restart meanwhile.
 *
 * @throws Error when the time is over
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
