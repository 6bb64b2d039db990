import type { EntrySource } from "./entry-source.js";
import type { PortableEntry } from "./portable-entry.js";

/** The live entry with this key, with everything that belongs to it. */
export async function entryAt(source: EntrySource, key: string): Promise<PortableEntry | undefined> {
  // A key is before all longer keys that begin with it.
  for await (const [first] of source.read({ prefix: key, limit: 1 })) {
    if (first?.key === key) return first;
  }
  return undefined;
}
