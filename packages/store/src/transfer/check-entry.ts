import { checkKey, isWellFormed, KvError, VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import { EXPIRATION_SECONDS_MAX } from "../rules/limits.js";
import { storedMetadata } from "../rules/metadata.js";
import { CONTENT_TYPE_LENGTH_MAX } from "./limits.js";
import type { PortableEntry } from "./portable-entry.js";

/**
 * Returns the entry as a store may keep it. The one rule that a put has and this has not is the shortest time to
 * live: an entry that is copied may be about to expire.
 *
 * @throws KvError `key_invalid`, `key_too_long`, `value_too_large`, `metadata_invalid`, `metadata_too_large`,
 *   `expiration_invalid`, `bad_request`
 */
export function checkEntry(entry: PortableEntry): PortableEntry {
  const { key, value, expirationMs, contentType } = entry;
  if (!isWellFormed(key)) throw new KvError("key_invalid", "Its key has half of a surrogate pair.");
  checkKey(key);
  if (value.byteLength > VALUE_BYTES_MAX) {
    throw new KvError(
      "value_too_large",
      `Value length of ${value.byteLength} exceeds limit of ${VALUE_BYTES_MAX}.`,
    );
  }
  if (expirationMs !== null && !isTime(expirationMs)) {
    throw new KvError("expiration_invalid", `Invalid expiration of ${expirationMs} ms.`);
  }
  if (contentType !== null) checkContentType(contentType);
  if (entry.metadata === null) return entry;
  const metadata = storedMetadata(entry.metadata);
  return metadata === entry.metadata ? entry : { ...entry, metadata };
}

function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms > 0 && ms <= EXPIRATION_SECONDS_MAX * 1000;
}

/** It is sent as a header, which must not break the response. */
function checkContentType(contentType: string): void {
  if (contentType.length <= CONTENT_TYPE_LENGTH_MAX && /^[\t\x20-\x7e\x80-\xff]*$/.test(contentType)) return;
  throw new KvError("bad_request", "Its content_type is not one that a header can carry.");
}
