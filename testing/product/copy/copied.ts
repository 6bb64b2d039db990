import { createHash } from "node:crypto";
import { type Database, namespaceSink, namespaceSource, open, type PortableEntry } from "@kvasir/store";

/** An entry without its bytes, for comparisons of many. */
export interface Compared extends Omit<PortableEntry, "value"> {
  /** A short one as it is, a long one by its hash. */
  readonly value: string;
}

/** Comparing long arrays byte by byte takes seconds. */
export function compared(entries: readonly PortableEntry[]): readonly Compared[] {
  return entries.map((entry) => {
    const bytes = Buffer.from(entry.value);
    const isLong = bytes.length > 100;
    return {
      ...entry,
      value: isLong ? createHash("sha256").update(bytes).digest("hex") : bytes.toString("latin1"),
    };
  });
}

/** Writes entries into a namespace of a data directory, which it creates. @returns its id */
export async function storeIn(
  directory: string,
  title: string,
  entries: readonly PortableEntry[],
): Promise<string> {
  return await inDirectory(directory, async (database) => {
    const { id } = await database.catalog.ensureTitle(title);
    const { refused } = await namespaceSink(database.store, id, database).write(entries);
    if (refused.length > 0) throw refused[0]?.error;
    return id;
  });
}

/** All entries of a namespace of a data directory, in order. `null` if there is no such title. */
export async function storedIn(directory: string, title: string): Promise<readonly Compared[] | null> {
  return await inDirectory(directory, async (database) => {
    const found = await database.catalog.find(title);
    return found === null ? null : compared(await entriesIn(database, found.id));
  });
}

/** All entries of a namespace of an open database. */
export async function entriesIn({ store }: Database, id: string): Promise<readonly PortableEntry[]> {
  const entries: PortableEntry[] = [];
  for await (const batch of namespaceSource(store, id).read()) {
    entries.push(...batch);
  }
  return entries;
}

async function inDirectory<T>(directory: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = open(directory);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
