const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Gives the client's bulk read the details of Workers KV. Its native bulk read is not used, because it loses keys
 * such as `10` from the response.
 *
 * @param read the client's method
 */
export async function bulkRead(
  read: () => Promise<unknown>,
  { options, withMetadata }: { readonly options: unknown; readonly withMetadata: boolean },
): Promise<unknown> {
  try {
    const found = (await read()) as ReadonlyMap<string, unknown>;
    const type = typeof options === "string" ? options : (options as { type?: unknown } | undefined)?.type;
    if (type === "json") return withMetadata ? withoutNullValues(found) : found;
    return new Map(Array.from(found, ([key, entry]) => [key, withoutMark(entry)]));
  } catch (error) {
    // Only Kvasir's own methods throw errors with codes.
    if (error instanceof Error && error.name === "KvError") throw new Error(error.message);
    throw error;
  }
}

/** Unlike a single read, a bulk read of Workers KV shows no metadata beside the JSON value `null`. */
function withoutNullValues(found: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  return new Map(
    Array.from(found, ([key, entry]) => [
      key,
      (entry as { value?: unknown } | null)?.value === null ? null : entry,
    ]),
  );
}

/** Unlike a single read, a bulk read of Workers KV drops the byte order mark of a text. */
function withoutMark(entry: unknown): unknown {
  if (typeof entry === "string") return entry.startsWith(BYTE_ORDER_MARK) ? entry.slice(1) : entry;
  const value = (entry as { readonly value?: unknown } | null)?.value;
  return typeof value === "string" ? { ...(entry as object), value: withoutMark(value) } : entry;
}
