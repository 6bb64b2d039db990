import type { NamespaceRecord } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import { VALUE_FORM_HEADER } from "../../wire/names.js";

/**
 * The form in which a namespace's values travel: `raw`, the bytes themselves (generations 2 and 3 of the API), or
 * `envelope`, JSON with the value in base64 (generation 1). What is stored is the bytes in both. It has to be a
 * setting, because a raw value may well look like an envelope.
 *
 * `auto` is for the namespace of a function without a manifest, whose program may be of any generation: a write that
 * looks like an envelope is one, a value is answered in the form of its last write, and keys are any.
 */
export type ValueEncoding = "raw" | "envelope" | "auto";

/** Those that a creation may ask for. */
export const VALUE_ENCODINGS: readonly ValueEncoding[] = ["raw", "envelope"];

/** The attribute of a namespace that holds it. */
export const VALUE_ENCODING_ATTRIBUTE = "value_encoding";

/** Whether our own code in a function asks: `kvGet` and the like mean the value, not the form in which it travels. */
export function asksForBytes({ request }: ApiExchange): boolean {
  return request.headers[VALUE_FORM_HEADER] === "bytes";
}

export function encodingOf({ attributes }: NamespaceRecord): ValueEncoding {
  const encoding = attributes[VALUE_ENCODING_ATTRIBUTE];
  return encoding === "envelope" || encoding === "auto" ? encoding : "raw";
}
