import { KvError, METADATA_BYTES_MAX } from "@kvasir/client/namespace";
import { METADATA_TEXT_LENGTH_MAX } from "./limits.js";

/**
 * Returns metadata in its stored form: compact JSON, or `null` if there is none. JSON `null` is metadata: a
 * list shows it, as in Workers KV. The limit applies to the compact form, so a client's blanks and `\u` escapes do not count.
 *
 * @throws KvError `metadata_invalid`, `metadata_too_large`
 */
export function storedMetadata(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (text.length > METADATA_TEXT_LENGTH_MAX) throw tooLarge(Buffer.byteLength(text));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KvError("metadata_invalid", "Metadata must be valid JSON", {
      cause,
      hint: "Metadata is anything that JSON can say: no functions, no undefined.",
    });
  }
  const stored = compact(value);
  if (stored === null) throw tooLarge(Buffer.byteLength(text));
  if (stored.length * 3 > METADATA_BYTES_MAX) {
    const bytes = Buffer.byteLength(stored);
    if (bytes > METADATA_BYTES_MAX) throw tooLarge(bytes);
  }
  return stored;
}

/**
 * Returns `null` for a value that is nested too deeply to serialize, which is far more than the limit allows.
 */
function compact(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

function tooLarge(bytes: number): KvError {
  return new KvError(
    "metadata_too_large",
    `Metadata length of ${bytes} exceeds limit of ${METADATA_BYTES_MAX}.`,
    { hint: "Put what does not fit into the value." },
  );
}
