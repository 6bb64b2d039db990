import { KvError } from "./errors.js";

/**
 * A version that a condition names, as some answer gave it. Checked before it is sent, for a header would make text of
 * anything.
 *
 * @throws KvError `bad_request`
 */
export function versionArgument(version: unknown): number {
  if (typeof version === "number" && Number.isSafeInteger(version) && version >= 0) return version;
  throw new KvError(
    "bad_request",
    `Invalid version of ${String(version)}. Please pass a version that was answered.`,
  );
}
