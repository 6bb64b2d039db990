import { KvError } from "../../namespace/errors.js";
import { CHANGE_ATTEMPTS_MAX, CHANGE_PAUSE_MS_MAX } from "./limits.js";
import type { RecipeSurroundings } from "./options.js";

/**
 * Repeats a change until no concurrent change comes first.
 *
 * @param subject the thing that is changed, for the error
 * @param attempt returns `undefined` if another change came first; may run several times
 * @throws KvError `contended` after too many attempts
 */
export async function untilUncontended<Result>(
  subject: string,
  attempt: () => Promise<{ readonly result: Result } | undefined>,
  { random, sleep }: Pick<RecipeSurroundings, "random" | "sleep">,
): Promise<Result> {
  for (let attempts = 1; attempts <= CHANGE_ATTEMPTS_MAX; attempts++) {
    const done = await attempt();
    if (done !== undefined) return done.result;
    // Random pauses keep colliding callers from colliding again.
    await sleep(random() * Math.min(CHANGE_PAUSE_MS_MAX, 2 ** attempts));
  }
  throw new KvError("contended", `Others changed ${subject} at each of ${CHANGE_ATTEMPTS_MAX} attempts.`, {
    hint: "Try again later, or spread the writes over more keys.",
  });
}
