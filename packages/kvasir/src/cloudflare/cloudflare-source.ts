import { KvError } from "@kvasir/client/namespace";
import type { EntrySource, PortableEntry, ReadEntriesOptions } from "@kvasir/store";
import { type ListedKey, listKeys, type NamespaceAddress } from "./listed-keys.js";
import type { CloudflareRequester } from "./requester.js";
import { type ReadOutcome, ValueReader } from "./value-reader.js";

export interface CloudflareSourceOptions extends NamespaceAddress {
  /** Read each value by a request of its own, and never in bulk. @default false */
  readonly singly?: boolean | undefined;
}

/** A namespace at Cloudflare as a source of entries. Its list may be a minute old, as everywhere at Cloudflare. */
export class CloudflareSource implements EntrySource {
  readonly #requester: CloudflareRequester;
  readonly #options: CloudflareSourceOptions;

  constructor(requester: CloudflareRequester, options: CloudflareSourceOptions) {
    this.#requester = requester;
    this.#options = options;
  }

  /**
   * The API begins a list only at its start: keys up to `after` are listed again, a thousand by a request, and not
   * read. Cursors are not kept, because it is not documented how long they are valid.
   */
  async *read(options: ReadEntriesOptions = {}): AsyncGenerator<readonly PortableEntry[]> {
    const { limit = Number.POSITIVE_INFINITY } = options;
    const reader = new ValueReader(this.#requester, this.#options);
    const stopped = new AbortController();
    const signals = [stopped.signal, ...(options.signal === undefined ? [] : [options.signal])];
    const signal = AbortSignal.any(signals);
    let taken = 0;
    try {
      for await (const entries of this.#entries(reader, { ...options, signal })) {
        // A key that was listed may be gone, so the limit is known to be reached only here.
        const wanted = entries.slice(0, limit - taken);
        taken += wanted.length;
        if (wanted.length > 0) yield wanted;
        if (taken >= limit) return;
      }
    } finally {
      stopped.abort();
    }
  }

  /**
   * Exactly what is stored under these keys, in their order; keys that do not exist are left out.
   *
   * @param keys with the metadata that they should have, if it is known: none is then looked for twice
   */
  async *readKeys(
    keys: readonly ListedKey[],
    signal?: AbortSignal,
  ): AsyncGenerator<readonly PortableEntry[]> {
    const reader = new ValueReader(this.#requester, { ...this.#options, singly: false, exactly: true });
    for (let rest: readonly ListedKey[] = keys; rest.length > 0; ) {
      const read: ReadOutcome = await reader.read(rest, signal);
      yield read.entries;
      rest = read.rest;
    }
  }

  async count(prefix: string | undefined, signal?: AbortSignal): Promise<number> {
    let count = 0;
    for await (const page of listKeys(this.#requester, this.#options, { prefix, signal }))
      count += page.length;
    return count;
  }

  /** Reads several parts of the list at once, and yields them in order. */
  async *#entries(
    reader: ValueReader,
    options: ReadEntriesOptions,
  ): AsyncGenerator<readonly PortableEntry[]> {
    const { signal } = options;
    const ahead: Promise<ReadOutcome>[] = [];
    const read = (keys: readonly ListedKey[]) => {
      const reading = reader.read(keys, signal);
      // Reported when it is awaited, and not at all if the caller stops before.
      reading.catch(() => {});
      return reading;
    };
    const first = async function* (): AsyncGenerator<readonly PortableEntry[]> {
      let outcome = await ahead.shift();
      while (outcome !== undefined) {
        yield outcome.entries;
        outcome = outcome.rest.length === 0 ? undefined : await read(outcome.rest);
      }
    };
    for await (const page of this.#keys(options)) {
      for (let rest = page; rest.length > 0; ) {
        const keys = rest.slice(0, reader.keysPerRead);
        rest = rest.slice(keys.length);
        ahead.push(read(keys));
        while (ahead.length >= Math.min(reader.readsAhead, this.#requester.gate.limit + 1)) yield* first();
      }
    }
    while (ahead.length > 0) yield* first();
  }

  async *#keys({ prefix, after, limit, signal }: ReadEntriesOptions): AsyncGenerator<readonly ListedKey[]> {
    const order = after === undefined ? undefined : new ByteOrder(after);
    for await (const page of listKeys(this.#requester, this.#options, { prefix, limit, signal })) {
      yield order === undefined ? page : page.filter(({ name }) => order.isBehind(name));
    }
  }
}

/** Tells which keys of a list are behind a key, which is true of the rest of the list only if it is in order. */
class ByteOrder {
  readonly #after: Buffer;
  #last: Buffer = Buffer.alloc(0);

  constructor(after: string) {
    this.#after = Buffer.from(after);
  }

  isBehind(name: string): boolean {
    const bytes = Buffer.from(name);
    if (Buffer.compare(bytes, this.#last) < 0) {
      throw new KvError(
        "internal",
        "The list of keys is not in the order of their bytes, so it cannot be resumed",
        {
          hint: "Remove the file of --resume, and run the command again.",
        },
      );
    }
    this.#last = bytes;
    return Buffer.compare(bytes, this.#after) > 0;
  }
}
