/** An entry on its way from one store to another, with everything that a store keeps of it but its version. */
export interface PortableEntry {
  readonly key: string;
  /** Whole, in memory: at most `VALUE_BYTES_MAX` bytes. */
  readonly value: Uint8Array;
  /** Milliseconds since the epoch. `null`: never expires. */
  readonly expirationMs: number | null;
  /** JSON text. */
  readonly metadata: string | null;
  readonly contentType: string | null;
}
