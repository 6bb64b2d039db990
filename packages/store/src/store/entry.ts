/** A well-formed string (no lone surrogates). Keys are ordered by their UTF-8 bytes. */
export type Key = string;

/** A value too large to hold in one piece, read part by part. Valid for ten minutes after the read. */
export interface LargeValue {
  readonly byteLength: number;
  /** The value in order, in parts of bounded size. */
  parts(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Entry {
  /** Grows with every write of the key, also across deletion and re-creation. */
  readonly version: number;
  /** `null`: never expires. */
  readonly expirationMs: number | null;
  /** JSON text, as it was stored. */
  readonly metadata: string | null;
  /** An attribute that only the Telnyx dialect writes and shows. */
  readonly contentType: string | null;
  readonly value: Uint8Array | LargeValue;
}
