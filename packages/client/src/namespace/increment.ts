import { KvError } from "./errors.js";

/**
 * How much a counter grows by. Checked before it is sent: JSON has no NaN and no Infinity, and would say `null`,
 * which is "left out". Nothing is made a number that is none: `""`, `null` and `[]` would add 0, and `true` 1.
 *
 * @throws KvError `bad_request`
 */
export function incrementBy(by: unknown): number {
  if (typeof by === "number" && Number.isSafeInteger(by)) return by;
  throw new KvError("bad_request", `Invalid increment of ${String(by)}. Please specify a safe integer.`);
}
