import type {
  ComparedParts,
  EntrySink,
  EntrySource,
  PortableEntry,
  SampledEntry,
  SinkOptions,
} from "@kvasir/store";

/** A namespace that entries are copied from or to. */
export interface CopyPlace {
  /** As the user names it, without passwords. */
  readonly shown: string;
  /** The same for the same namespace, however it was named. */
  readonly identity: string;
  readonly source: EntrySource;
  /** Which parts of an entry come back as they were written. */
  readonly keeps: ComparedParts;
  /** How long a list or a read may be behind a write, in milliseconds. */
  readonly behindMs: number;
  /** Entries that are best written together, if that matters, and how many such batches at once. */
  readonly batchEntries: number | undefined;
  readonly batchesInFlight: number;
  sink(options: SinkOptions): EntrySink;
  /** Live entries whose keys begin with `prefix`. */
  count(prefix: string): Promise<number>;
  /** Whether it takes requests that are limited in number. */
  readonly isSlow: boolean;
  /** The entries with the keys of a sample, exactly as they are stored; keys that do not exist are left out. */
  readSample(sample: readonly SampledEntry[]): AsyncIterable<readonly PortableEntry[]>;
  /** Whether `source` may show less than what is stored, so that the sample is read there again. */
  readonly readsInBulk: boolean;
  close(): Promise<void>;
}

/** What a command needs of the namespace that it copies to. */
export interface OpenTargetOptions {
  /** Whether a title that is missing is created. Otherwise nothing is: the place is empty. */
  readonly creates: boolean;
  /** Called when a namespace or a directory was made. */
  readonly onCreated: (what: string) => void;
}

/** Finds entries by their keys in a source: a key is the first of all that begin with it. */
export async function* readSampleOf(
  source: EntrySource,
  sample: readonly SampledEntry[],
): AsyncGenerator<readonly PortableEntry[], void> {
  for (const { key } of sample) {
    for await (const entries of source.read({ prefix: key, limit: 1 })) {
      yield entries.filter((entry) => entry.key === key);
    }
  }
}
