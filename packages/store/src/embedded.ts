import {
  type AtomicCheck,
  type AtomicMutation,
  type BulkQuery,
  type BulkStored,
  byteChunks,
  type Expiring,
  type ListAnswer,
  type ListQuery,
  type PutQuery,
  type StoredEntry,
  type Transport,
  type WriteAnswer,
} from "@kvasir/client";
import { bytesOf, decodeText } from "./rules/entry-value.js";
import type { NamespaceListPage } from "./rules/list-page.js";
import type { Namespace } from "./rules/namespace.js";
import { streamOf } from "./rules/value-stream.js";
import type { Change, WatchQuery } from "./store/changes.js";
import type { Entry } from "./store/entry.js";
import type { MaybePromise } from "./store/maybe-promise.js";

/**
 * How the public KVNamespace object reaches a namespace of a store in this process. The first operation finds
 * or creates the namespace, unless it is known already.
 */
export class EmbeddedTransport implements Transport {
  readonly #find: () => Promise<Namespace>;
  #namespace: Namespace | undefined;
  #finding: Promise<Namespace> | undefined;

  constructor(namespace: Namespace | (() => Promise<Namespace>)) {
    this.#find = typeof namespace === "function" ? namespace : async () => namespace;
    this.#namespace = typeof namespace === "function" ? undefined : namespace;
  }

  get(key: string, cacheTtl: number | undefined): MaybePromise<StoredEntry | null> {
    if (this.#namespace === undefined) return this.#first(key, cacheTtl);
    const found = this.#namespace.read(key, cacheTtl === undefined ? undefined : { cacheTtl });
    return found instanceof Promise ? found.then(stored) : stored(found);
  }

  async getBulk(keys: readonly string[], query: BulkQuery): Promise<ReadonlyMap<string, BulkStored | null>> {
    const found = await this.#use((namespace) => namespace.readBulk(keys, query));
    const entries = new Map<string, BulkStored | null>();
    for (const [key, entry] of found) {
      entries.set(
        key,
        entry && {
          value: entry.value,
          metadata: entry.metadata === null ? null : JSON.parse(entry.metadata),
        },
      );
    }
    return entries;
  }

  put(
    key: string,
    value: string | Uint8Array | ReadableStream<Uint8Array>,
    query: PutQuery,
  ): Promise<WriteAnswer> {
    const source = typeof value === "string" || value instanceof Uint8Array ? value : byteChunks(value);
    return this.#use((namespace) => namespace.write(key, source, query));
  }

  delete(key: string, ifVersion: number | undefined): Promise<WriteAnswer> {
    return this.#use((namespace) => namespace.delete(key, { ifVersion }));
  }

  async list(query: ListQuery): Promise<ListAnswer> {
    return answer(await this.#use((namespace) => namespace.list(query)), query);
  }

  async increment(key: string, by: number, expirationTtl: number | undefined): Promise<number> {
    return (await this.#use((namespace) => namespace.increment(key, by, { expirationTtl }))).value;
  }

  touch(key: string, expiry: Expiring): Promise<WriteAnswer> {
    return this.#use((namespace) => namespace.touch(key, expiry));
  }

  atomic(checks: readonly AtomicCheck[], mutations: readonly AtomicMutation[]): Promise<number | null> {
    return this.#use((namespace) => namespace.atomic(checks, mutations));
  }

  count(query: { readonly prefix?: string | undefined }): Promise<number> {
    return this.#use((namespace) => namespace.count(query));
  }

  deletePrefix(
    prefix: string,
    options: { readonly dryRun: boolean; readonly all: boolean },
  ): Promise<number> {
    return this.#use((namespace) => namespace.deletePrefix(prefix, options));
  }

  position(): Promise<string> {
    return this.#use((namespace) => namespace.position());
  }

  watch(query: WatchQuery): AsyncIterable<Change> {
    return this.#namespace === undefined ? this.#watchFirst(query) : this.#namespace.watch(query);
  }

  async *#watchFirst(query: WatchQuery): AsyncGenerator<Change, void> {
    yield* (await this.#ready()).watch(query);
  }

  /** Calls on at once where the namespace is known: a write then starts within the caller's own call. */
  async #use<T>(operation: (namespace: Namespace) => T | Promise<T>): Promise<T> {
    return operation(this.#namespace ?? (await this.#ready()));
  }

  async #first(key: string, cacheTtl: number | undefined): Promise<StoredEntry | null> {
    await this.#ready();
    return this.get(key, cacheTtl);
  }

  /** Not cached when it fails: the next operation tries again. */
  #ready(): Namespace | Promise<Namespace> {
    if (this.#namespace !== undefined) return this.#namespace;
    this.#finding ??= this.#find()
      .then((namespace) => {
        this.#namespace = namespace;
        return namespace;
      })
      .finally(() => {
        this.#finding = undefined;
      });
    return this.#finding;
  }
}

function stored(entry: Entry | null): StoredEntry | null {
  return entry === null ? null : new EmbeddedEntry(entry);
}

class EmbeddedEntry implements StoredEntry {
  readonly #entry: Entry;

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  get metadata(): string | null {
    return this.#entry.metadata;
  }

  get version(): number {
    return this.#entry.version;
  }

  /** Always `null`: there is no cache in between. */
  get cacheStatus(): null {
    return null;
  }

  text(): MaybePromise<string> {
    return textOf(this.#entry.value);
  }

  bytes(): MaybePromise<ArrayBuffer> {
    const bytes = bytesOf(this.#entry.value);
    return bytes instanceof Promise ? bytes.then(ownBuffer) : ownBuffer(bytes);
  }

  stream(): ReadableStream<Uint8Array> {
    return streamOf(this.#entry.value);
  }

  discard(): void {}
}

/** The bytes as an ArrayBuffer of their own: they may lie in one that holds more than them. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength && buffer instanceof ArrayBuffer
    ? buffer
    : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

function textOf(value: Entry["value"]): MaybePromise<string> {
  const bytes = bytesOf(value);
  return bytes instanceof Promise ? bytes.then(decodeText) : decodeText(bytes);
}

/** By position; empty for a page without values. */
async function textsOf({ keys }: NamespaceListPage): Promise<readonly (string | undefined)[]> {
  if (keys[0]?.value === undefined) return [];
  return Promise.all(keys.map(({ value }) => value && textOf(value)));
}

async function answer(page: NamespaceListPage, { versions }: ListQuery): Promise<ListAnswer> {
  const texts = await textsOf(page);
  const keys = page.keys.map(({ name, expiration, metadata, version, damaged }, at) => ({
    name,
    ...(expiration !== undefined && { expiration }),
    ...(metadata !== undefined && { metadata }),
    ...(texts[at] !== undefined && { value: texts[at] }),
    ...(versions && !damaged && { version }),
    ...(damaged && { damaged }),
  }));
  return page.cursor === null
    ? { keys, list_complete: true }
    : { keys, list_complete: false, cursor: page.cursor };
}
