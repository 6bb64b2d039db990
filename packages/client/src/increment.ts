import { KvError } from "./errors.js";

/**
 * How much a counter grows by. Checked before it is sent: JSON has no NaN and no Infinity, and would say `null`,
 * which is "left out".
 *
 * @throws KvError `bad_request`; TypeError for a BigInt or a symbol
 */
export function incrementBy(by: unknown): number {
  const number = +(by as number);
  if (Number.isSafeInteger(number)) return number;
  throw new KvError("bad_request", `Invalid increment of ${number}. Please specify a safe integer.`);
}
