import type { NamespaceRecord } from "@kvasir/store";
import type { Exchange } from "../../http/exchange.js";

/**
 * The form in which a namespace's values are sent: `raw`, the bytes themselves (generations 2 and 3 of the
 * API), or `envelope`, JSON with the value in base64 (generation 1). Both store the bytes. It must be a
 * setting, because a raw value may look like an envelope.
 *
 * `auto` is for the namespace of a function without a manifest, whose program may use any generation. A write
 * that looks like an envelope is treated as one, a value is sent in the form of its last write, and any key
 * is allowed.
 */
export type ValueEncoding = "raw" | "envelope" | "auto";

/** The encodings that a client may choose when it creates a namespace. */
export const VALUE_ENCODINGS: readonly ValueEncoding[] = ["raw", "envelope"];

/** The attribute of a namespace that stores its encoding. */
export const VALUE_ENCODING_ATTRIBUTE = "value_encoding";

/**
 * The request header with which our own code in functions sends and receives bytes, whatever the namespace's
 * encoding. `kvGet` and similar functions mean the value, not its form on the wire.
 */
const FORM_HEADER = "kvasir-value-form";

export function asksForBytes({ request }: Exchange): boolean {
  return request.headers[FORM_HEADER] === "bytes";
}

export function encodingOf({ attributes }: NamespaceRecord): ValueEncoding {
  const encoding = attributes[VALUE_ENCODING_ATTRIBUTE];
  return encoding === "envelope" || encoding === "auto" ? encoding : "raw";
}
