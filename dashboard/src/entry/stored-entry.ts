import type { KVNamespace } from "@kvasir/client";

/** An entry as it was when it was read. */
export interface StoredEntry {
  readonly version: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata: unknown;
  /** Seconds since the epoch. */
  readonly expiration: number | undefined;
}

/** Returns `null` if there is no such key. */
export async function readEntry(namespace: KVNamespace, key: string): Promise<StoredEntry | null> {
  const [read, listed] = await Promise.all([
    namespace.getWithMetadata(key, { type: "arrayBuffer", version: true }),
    // Only a list tells when an entry expires.
    namespace.list({ prefix: key, start: key, limit: 1 }),
  ]);
  if (read.value === null || read.version === null) return null;
  const row = listed.keys[0];
  return {
    version: read.version,
    bytes: new Uint8Array(read.value),
    metadata: read.metadata ?? undefined,
    expiration: row?.name === key ? row.expiration : undefined,
  };
}
