import { KvError } from "@kvasir/client/namespace";
import type { EntrySink } from "./entry-sink.js";
import type { NamespaceHeader } from "./parse-entry.js";

export type SinkFor = (namespace: NamespaceHeader | null) => Promise<EntrySink>;

/**
 * For a file whose entries all go to one namespace, whatever its title is there.
 *
 * @throws KvError `bad_request` at the second namespace of the file: their keys could be the same
 */
export function intoOne(open: () => Promise<EntrySink>): SinkFor {
  let first: NamespaceHeader | null = null;
  let sink: EntrySink | undefined;
  return async (namespace) => {
    if (first !== null && namespace !== null && namespace.title !== first.title) {
      throw new KvError(
        "bad_request",
        `The file holds more than one namespace: "${first.title}" and "${namespace.title}".`,
        {
          hint: "Import it without naming a namespace: each goes into the one with its title.",
        },
      );
    }
    first ??= namespace;
    sink ??= await open();
    return sink;
  };
}

/**
 * For a file whose entries go to the namespaces of the titles that it names.
 *
 * @throws KvError `bad_request` for entries before the first such line
 */
export function intoTitles(open: (namespace: NamespaceHeader) => Promise<EntrySink>): SinkFor {
  return async (namespace) => {
    if (namespace !== null) return open(namespace);
    throw new KvError("bad_request", "The file does not say which namespace its entries belong to.", {
      hint: "Name the namespace to import into: for a command with --namespace-id, --binding or --create.",
    });
  };
}

/** Takes everything and keeps nothing: what a trial writes to a namespace that does not exist yet. */
export function countingSink(nowMs: () => number): EntrySink {
  return {
    async write(entries) {
      const live = entries.filter(({ expirationMs }) => expirationMs === null || expirationMs > nowMs());
      const bytes = live.reduce((sum, { value }) => sum + value.byteLength, 0);
      return { written: live.length, bytes, skipped: 0, expired: entries.length - live.length, refused: [] };
    },
  };
}
