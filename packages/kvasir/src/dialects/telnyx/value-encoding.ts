import type { NamespaceRecord } from "@kvasir/store";

/**
 * The form in which a namespace's values travel: `raw`, the bytes themselves (generations 2 and 3 of the API), or
 * `envelope`, JSON with the value in base64 (generation 1). What is stored is the bytes in both. It has to be a
 * setting, because a raw value may well look like an envelope.
 */
export type ValueEncoding = "raw" | "envelope";

export const VALUE_ENCODINGS: readonly ValueEncoding[] = ["raw", "envelope"];

/** The attribute of a namespace that holds it. */
export const VALUE_ENCODING_ATTRIBUTE = "value_encoding";

export function encodingOf({ attributes }: NamespaceRecord): ValueEncoding {
  return attributes[VALUE_ENCODING_ATTRIBUTE] === "envelope" ? "envelope" : "raw";
}
