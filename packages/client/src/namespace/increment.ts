import { KvError } from "./errors.js";

/**
 * How much a counter grows by. Nothing is turned into a number: `""`, `null` and `[]` would add 0, and `true` 1. A
 * client checks it before it sends anything, because JSON has no NaN and would say `null`, which means "left out".
 *
 * @throws KvError `bad_request`
 */
export function checkIncrement(by: unknown): asserts by is number {
  if (typeof by === "number" && Number.isSafeInteger(by)) return;
  throw new KvError("bad_request", `Invalid increment of ${String(by)}. Please specify a safe integer.`);
}
