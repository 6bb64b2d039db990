import { KvError } from "./errors.js";

/**
 * The version that a condition names. `unknown`, because it may come from a caller as it is or out of JSON.
 *
 * @throws KvError `bad_request`
 */
export function checkVersion(version: unknown): asserts version is number {
  if (typeof version === "number" && Number.isSafeInteger(version) && version >= 0) return;
  throw new KvError(
    "bad_request",
    `Invalid version of ${String(version)}. Please pass a version that was answered.`,
  );
}
