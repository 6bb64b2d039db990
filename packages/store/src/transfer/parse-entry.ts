import { isWellFormed, KvError } from "@kvasir/client/namespace";
import { decodeBase64 } from "../rules/base64.js";
import { EXPIRATION_SECONDS_MAX } from "../rules/limits.js";
import { checkEntry } from "./check-entry.js";
import { EXPORT_VERSION } from "./encode-entry.js";
import type { PortableEntry } from "./portable-entry.js";

/** The namespace whose entries follow in a file. */
export interface NamespaceHeader {
  readonly id: string;
  readonly title: string;
  /** What dialects remember about it. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What one line of a file, or one item of its array, says: only a namespace has a title. */
export type ParsedItem = PortableEntry | NamespaceHeader;

/**
 * Parses one JSON object of a file of entries.
 *
 * @param nowMs `expiration_ttl` counts from it
 * @throws KvError why the item cannot be stored; its message is a sentence without the place of the item
 */
export function parseItem(text: string, nowMs: number): ParsedItem {
  const fields = parseObject(text);
  return fields["kvasir_export"] === undefined ? entryOf(fields, nowMs) : namespaceOf(fields);
}

/** The key of an item that was refused, if it can be told. */
export function keyIn(text: string): string | undefined {
  try {
    const { key } = parseObject(text);
    return typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  }
}

function entryOf(fields: Readonly<Record<string, unknown>>, nowMs: number): PortableEntry {
  const { key, metadata, content_type: contentType = null } = fields;
  if (key === undefined) throw refused("bad_request", "It has no key.");
  if (typeof key !== "string") throw refused("key_invalid", "Its key is not a string.");
  if (contentType !== null && typeof contentType !== "string") {
    throw refused("bad_request", "Its content_type is not a string.");
  }
  return checkEntry({
    key,
    value: bytesIn(fields),
    expirationMs: expirationMsOf(fields, nowMs),
    metadata: metadata === undefined ? null : metadataText(metadata),
    contentType,
  });
}

function parseObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refused("bad_request", "It is not valid JSON.", cause);
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw refused("bad_request", "It is not a JSON object.");
}

function bytesIn({ value, base64 = false }: Readonly<Record<string, unknown>>): Uint8Array {
  if (value === undefined) throw refused("value_invalid", "It has no value.");
  if (typeof value !== "string") throw refused("value_invalid", "Its value is not a string.");
  if (typeof base64 !== "boolean") throw refused("value_invalid", "Its base64 is neither true nor false.");
  if (base64) {
    const bytes = decodeBase64(value);
    if (bytes === null) throw refused("value_invalid", "Its value is not valid base64.");
    return bytes;
  }
  // Encoded as UTF-8, the halves of a pair would become other characters.
  if (!isWellFormed(value)) throw refused("value_invalid", "Its value has half of a surrogate pair.");
  return Buffer.from(value);
}

/** As in Workers KV, `expiration_ttl` wins over `expiration`. */
function expirationMsOf(fields: Readonly<Record<string, unknown>>, nowMs: number): number | null {
  const { expiration = null, expiration_ttl: ttl = null } = fields;
  if (ttl !== null) {
    if (typeof ttl !== "number" || !Number.isInteger(ttl) || ttl <= 0 || ttl > EXPIRATION_SECONDS_MAX) {
      throw refused("expiration_invalid", "Its expiration_ttl is not a whole number of seconds above 0.");
    }
    return (Math.floor(nowMs / 1000) + ttl) * 1000;
  }
  if (expiration === null) return null;
  if (typeof expiration !== "number" || !(expiration > 0 && expiration <= EXPIRATION_SECONDS_MAX)) {
    throw refused("expiration_invalid", "Its expiration is not a number of seconds since 1970.");
  }
  return Math.round(expiration * 1000);
}

function metadataText(metadata: unknown): string {
  try {
    return JSON.stringify(metadata);
  } catch (cause) {
    throw refused("metadata_too_large", "Its metadata is nested too deep.", cause);
  }
}

function namespaceOf({ kvasir_export: version, namespace }: Record<string, unknown>): NamespaceHeader {
  if (version !== EXPORT_VERSION) {
    throw new KvError("storage_format", `This is an export of version ${JSON.stringify(version)}.`, {
      hint: `This version of Kvasir reads version ${EXPORT_VERSION}. Use a newer one.`,
    });
  }
  const { id, title, attributes = {} } = (namespace ?? {}) as Partial<NamespaceHeader>;
  if (typeof id === "string" && typeof title === "string" && isTexts(attributes)) {
    return { id, title, attributes };
  }
  throw refused("bad_request", "It does not name its namespace with an id and a title.");
}

function isTexts(attributes: unknown): attributes is Readonly<Record<string, string>> {
  if (typeof attributes !== "object" || attributes === null) return false;
  return Object.values(attributes).every((value) => typeof value === "string");
}

function refused(
  code: "bad_request" | "key_invalid" | "value_invalid" | "expiration_invalid" | "metadata_too_large",
  message: string,
  cause?: unknown,
): KvError {
  return new KvError(code, message, { cause });
}
