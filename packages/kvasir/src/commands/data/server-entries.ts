import { type Admin, type ImportProblem, KvError } from "@kvasir/client/namespace";
import {
  type EntrySink,
  type EntrySource,
  encodeEntries,
  type NamespaceHeader,
  type PortableEntry,
  type ReadItem,
  readItems,
  type SinkOptions,
} from "@kvasir/store";

/** The entries of a namespace of a server. */
export function serverSource({ transfer }: Admin, namespace: string): EntrySource {
  return {
    async *read(options) {
      for await (const items of readItems(await transfer.export(namespace, options), { nowMs: Date.now })) {
        yield items.filter((item) => item.type !== "namespace").map(entryIn);
      }
    },
  };
}

/** What the first line of an export of the namespace says. */
export async function serverHeader({ transfer }: Admin, namespace: string): Promise<NamespaceHeader> {
  const file = await transfer.export(namespace, { limit: 1 });
  for await (const [first] of readItems(file, { nowMs: Date.now })) {
    if (first?.type === "namespace") return first.namespace;
  }
  throw notAnExport();
}

/** Sends each batch in a request of its own: no request becomes too long, whatever there is to write. */
export function serverSink({ transfer }: Admin, namespace: string, options: SinkOptions = {}): EntrySink {
  return {
    async write(entries) {
      const { problems, ...report } = await transfer.import(namespace, await fileOf(entries), options);
      return {
        written: report.entries,
        bytes: report.bytes,
        skipped: report.skipped,
        expired: report.expired,
        refused: problems.map((problem) => ({ index: indexOf(problem), error: errorOf(problem) })),
      };
    },
  };
}

async function fileOf(entries: readonly PortableEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const source: EntrySource = {
    async *read() {
      yield entries;
    },
  };
  for await (const chunk of encodeEntries(source)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function entryIn(item: ReadItem): PortableEntry {
  if (item.type === "entry") return item.entry;
  if (item.type === "refused") throw item.error;
  throw notAnExport();
}

/** Each entry is a line. */
function indexOf({ line = 1 }: ImportProblem): number {
  return line - 1;
}

function errorOf({ code, message }: ImportProblem): KvError {
  return new KvError(code, message);
}

function notAnExport(): KvError {
  return new KvError("internal", "The server's response is not an export.", {
    hint: "Is the URL that of Kvasir's API, and the server as new as this program?",
  });
}
