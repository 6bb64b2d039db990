import {
  BULK_GET_BYTES_MAX,
  BULK_GET_KEYS_MAX,
  type BulkStored,
  checkKey,
  KvError,
} from "@kvasir/client/namespace";
import type { Entry } from "../store/entry.js";
import { textOf } from "./namespace-entry.js";

export type BulkType = "text" | "json";

/**
 * Parses the type of a bulk read.
 *
 * @throws KvError `type_invalid`
 */
export function bulkType(type: string | undefined): BulkType {
  if (type === undefined || type === "" || type === "text") return "text";
  if (type === "json") return "json";
  throw new KvError("type_invalid", `"${type}" is not a valid type. Use "json" or "text"`);
}

/** The keys of a bulk read: checked, in request order, each once. */
export function bulkKeys(keys: readonly string[], checkOptions: () => void = () => {}): string[] {
  if (keys.length > BULK_GET_KEYS_MAX) {
    throw new KvError("too_many_keys", `You can request a maximum of ${BULK_GET_KEYS_MAX} keys`);
  }
  if (keys.length < 1) throw new KvError("too_many_keys", "You must request a minimum of 1 key");
  for (const key of keys) {
    checkKey(key);
    // In Workers KV the first key is checked before the options, and all others after them.
    checkOptions();
  }
  return [...new Set(keys)];
}

/**
 * Refuses a response over the limit before any of its values is read.
 *
 * @throws KvError `response_too_large`
 */
export function checkBulkBytes(entries: readonly (Entry | null)[]): void {
  let bytes = 0;
  for (const entry of entries) bytes += entry?.value.byteLength ?? 0;
  if (bytes > BULK_GET_BYTES_MAX) {
    throw new KvError("response_too_large", "Total size of request exceeds the limit of 25MB", {
      hint: "Read fewer keys at a time, or each by itself as a stream.",
    });
  }
}

/** @throws KvError `value_not_json` */
export async function bulkStored({ value, metadata }: Entry, type: BulkType): Promise<BulkStored> {
  const text = await textOf(value);
  return {
    value: type === "text" ? text : parsed(text),
    metadata: metadata === null ? null : JSON.parse(metadata),
  };
}

function parsed(text: string): unknown {
  try {
    // Decoding drops a byte order mark in Workers KV.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new KvError(
      "value_not_json",
      "At least one of the requested keys corresponds to a non-json value",
      { cause, hint: 'Read the keys as "text".' },
    );
  }
}
