import type { AtomicCheck, AtomicMutation, NamespaceBackend } from "@kvasir/client/namespace";
import type { CachedReads, Written } from "./cached-reads.js";

type Operation = (...args: unknown[]) => Promise<unknown>;

const READS: readonly string[] = [
  "get",
  "getBulk",
  "list",
  "count",
  "position",
  "watch",
] satisfies (keyof NamespaceBackend)[];

/**
 * A backend whose writes the isolate's cached reads see at once. Every operation that is not a read counts as a write,
 * so that a new one cannot be forgotten here and leave stale values behind.
 */
export function invalidatingBackend(backend: NamespaceBackend, cache: CachedReads): NamespaceBackend {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(backend)).filter(
    (name) => name !== "constructor",
  );
  const operations = names.map((name) => {
    const operation = ((backend as unknown as Record<string, Operation>)[name] as Operation).bind(backend);
    if (READS.includes(name)) return [name, operation];
    return [name, (...args: unknown[]) => cache.writing(writtenBy(name, args), () => operation(...args))];
  });
  // An object of the same operations.
  return Object.fromEntries(operations) as NamespaceBackend;
}

/** What an operation changes: the key that is its first argument, unless it changes several. */
function writtenBy(name: string, args: unknown[]): Written {
  switch (name as keyof NamespaceBackend) {
    case "atomic": {
      const [, mutations] = args as [readonly AtomicCheck[], readonly AtomicMutation[]];
      return { keys: mutations.map(({ key }) => key) };
    }
    case "deletePrefix":
      return { prefix: args[0] as string };
    default:
      return { key: args[0] as string };
  }
}
