import type { NamespaceRecord } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import { VALUE_FORM_HEADER } from "../../wire/names.js";

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

/** Whether our own code in a function asks: `kvGet` and the like mean the value, not the form in which it travels. */
export function asksForBytes({ request }: ApiExchange): boolean {
  return request.headers[VALUE_FORM_HEADER] === "bytes";
}

export function encodingOf({ attributes }: NamespaceRecord): ValueEncoding {
  const encoding = attributes[VALUE_ENCODING_ATTRIBUTE];
  return encoding === "envelope" || encoding === "auto" ? encoding : "raw";
}
