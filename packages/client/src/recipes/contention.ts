import { KvError } from "../namespace/errors.js";
import { CHANGE_ATTEMPTS_MAX, CHANGE_PAUSE_MS_MAX } from "./limits.js";
import type { RecipeSurroundings } from "./options.js";

/**
 * Attempts a change until nobody else went first.
 *
 * @param subject what is changed, for the error
 * @param attempt answers `undefined` when somebody else went first; may run several times
 * @throws KvError `contended` when others kept getting in the way
 */
export async function untilUncontended<Result>(
  subject: string,
  attempt: () => Promise<{ readonly result: Result } | undefined>,
  { random, sleep }: Pick<RecipeSurroundings, "random" | "sleep">,
): Promise<Result> {
  for (let attempts = 1; attempts <= CHANGE_ATTEMPTS_MAX; attempts++) {
    const done = await attempt();
    if (done !== undefined) return done.result;
    // Random pauses keep those who collided from colliding again.
    await sleep(random() * Math.min(CHANGE_PAUSE_MS_MAX, 2 ** attempts));
  }
  throw new KvError("contended", `Others changed ${subject} at each of ${CHANGE_ATTEMPTS_MAX} attempts.`, {
    hint: "Try again later, or spread the writes over more keys.",
  });
}
