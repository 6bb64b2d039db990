/**
 * A Store keeps entries. It knows bytes, versions and time; it knows no HTTP, no JSON and no vendor's rules.
 *
 * Any method may answer with a value or with a promise: the embedded engine reads synchronously, and the hot
 * path does not pay for a promise that it does not need. Conditions and counters are single operations here,
 * never read-then-write above. Every method throws or rejects with `KvError`.
 */

export type MaybePromise<T> = T | Promise<T>;

/** A well-formed string (no lone surrogates); its order is the order of its UTF-8 bytes. */
export type Key = string;

/** What an implementation can do; the conformance suite reads it. */
export interface StoreSupport {
  /** `commit()` takes any keys of a namespace. Otherwise all keys of one commit share a `{tag}`. */
  readonly atomicAcrossKeys: boolean;
  /** What was acknowledged is there after the process is killed and the store is opened again. */
  readonly durable: boolean;
  /** Other processes may open the same data at the same time. */
  readonly multiProcess: boolean;
  /**
   * A read sees every write that was acknowledged before it, and a key takes writes as fast as they come. Otherwise
   * answers may be a minute old, and frequent writes of a key are refused (`rate_limited`).
   */
  readonly strong: boolean;
}

/** A separate key space. */
export interface NamespaceRecord {
  /** 32 hex digits when generated; what a config names otherwise (`[A-Za-z0-9_.-]{1,64}`). */
  readonly id: string;
  /** Unique within the store. */
  readonly title: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** What dialects remember about a namespace, for example `value_encoding`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A value too large to hold in one piece, read part by part. Valid for ten minutes after the read. */
export interface LargeValue {
  readonly byteLength: number;
  /** The value in order, in parts of bounded size. */
  parts(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Entry {
  readonly version: number;
  /** `null`: never expires. */
  readonly expirationMs: number | null;
  /** JSON text, as it was stored. */
  readonly metadata: string | null;
  /** An attribute that only the Telnyx dialect writes and shows. */
  readonly contentType: string | null;
  readonly value: Uint8Array | LargeValue;
}

/**
 * Parts of a value already on disk, for one put, which takes them over (or, refused, lets them go). Reclaimed by
 * itself when no put comes.
 */
export interface StagedValue {
  readonly blobId: string;
  readonly byteLength: number;
}

export interface PutInput {
  readonly value: Uint8Array | StagedValue;
  readonly expirationMs: number | null;
  readonly metadata: string | null;
  readonly contentType: string | null;
}

/** Holds when the live entry is at this version; `null`: when there is none. `undefined`: always. */
export type Condition = number | null | undefined;

export interface WriteOutcome {
  /** Whether the condition held (and, for `touch`, whether there was an entry). Otherwise nothing changed. */
  readonly ok: boolean;
  /** The entry's version afterwards; `null` when there is none. */
  readonly version: number | null;
  /** Whether a live entry was there before. */
  readonly existed: boolean;
}

export type Mutation =
  | ({ readonly type: "put"; readonly key: Key } & PutInput)
  | { readonly type: "delete"; readonly key: Key }
  | {
      readonly type: "increment";
      readonly key: Key;
      readonly by: number;
      /** Applies when the counter is created. */
      readonly expirationMs: number | null;
    };

export interface Check {
  readonly key: Key;
  /** `null`: absent. */
  readonly version: number | null;
}

/** A range of keys; all bounds hold together. */
export interface KeyRange {
  readonly prefix?: Key | undefined;
  /** Included. */
  readonly start?: Key | undefined;
  /** Excluded. */
  readonly end?: Key | undefined;
}

export interface ListQuery extends KeyRange {
  /** Continue strictly past this key, in the direction of the list. */
  readonly after?: Key | undefined;
  /** Most entries of the page. */
  readonly limit: number;
  readonly reverse?: boolean | undefined;
  /**
   * Read the values too; the page ends early rather than pass `LIST_VALUE_BYTES_MAX`. A damaged entry is then an error
   * (`storage_corrupt`) instead of a `damaged` row.
   */
  readonly values?: boolean | undefined;
  /** As the data are now, also where the store may answer with what it found a moment ago. */
  readonly fresh?: boolean | undefined;
}

export interface ListedEntry {
  readonly key: Key;
  readonly version: number;
  readonly expirationMs: number | null;
  readonly metadata: string | null;
  readonly valueBytes: number;
  /** When the entry was last written. */
  readonly modifiedMs: number;
  /** Only when the query asked for values. */
  readonly value?: Uint8Array | LargeValue;
  /** The entry is damaged on disk: only its key is known, and everything else here is empty. */
  readonly damaged?: true;
}

export interface ListPage {
  readonly entries: readonly ListedEntry[];
  /**
   * Where the next page starts, `null` when this one is the last. A page may hold fewer entries than its
   * limit, or none, and still not be the last: the work done for one page is bounded.
   */
  readonly after: Key | null;
}

export interface Change {
  readonly type: "put" | "delete" | "expire";
  readonly key: Key;
  readonly version: number;
  /** Another change of this version follows: whoever stops here has to resume after the version before. */
  readonly more?: true;
}

export interface WatchQuery {
  readonly prefix?: Key | undefined;
  /** Resume after this version; without it, from now on. */
  readonly since?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called, between changes, with a version up to which all of them have been told: a watch whose prefix rarely
   * matches can resume from there, when its last change is long forgotten.
   */
  readonly onPassed?: ((version: number) => void) | undefined;
}

/** Small named records beside the entries: API tokens and the like. */
export interface RecordTable {
  get(name: string): MaybePromise<unknown>;
  put(name: string, record: unknown): Promise<void>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
  /** A record that is damaged on disk is listed as `null`; {@link get} throws `storage_corrupt` for it. */
  list(): MaybePromise<readonly { readonly name: string; readonly record: unknown }[]>;
}

export interface NewNamespace {
  readonly id: string;
  readonly title: string;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export interface NamespaceQuery {
  /** By the bytes of the id or of the title. @default "id" */
  readonly order?: "id" | "title" | undefined;
  /** @default "asc" */
  readonly direction?: "asc" | "desc" | undefined;
  /** Namespaces to skip. @default 0 */
  readonly offset?: number | undefined;
  /** Most namespaces of the page. @default all of them */
  readonly limit?: number | undefined;
}

export interface NamespacePage<N extends NamespaceRecord = NamespaceRecord> {
  /** Empty past the end. */
  readonly namespaces: readonly N[];
  /** On all pages together. */
  readonly total: number;
}

export interface Store {
  readonly supports: StoreSupport;

  // Namespaces. Each throws `namespace_not_found` for an id that is not there.
  /** @throws KvError `namespace_exists` when the id or the title is taken */
  createNamespace(namespace: NewNamespace): Promise<NamespaceRecord>;
  getNamespace(id: string): MaybePromise<NamespaceRecord | null>;
  findNamespace(title: string): MaybePromise<NamespaceRecord | null>;
  listNamespaces(query?: NamespaceQuery): MaybePromise<NamespacePage>;
  /** @throws KvError `namespace_exists` when another namespace has the title */
  renameNamespace(id: string, title: string): Promise<NamespaceRecord>;
  /** Gone at once for this process, within a second for others; its data is reclaimed in the background. */
  deleteNamespace(id: string): Promise<void>;

  // Entries. `namespace` is an id.
  /** `staleMsMax`: how old the answer may be, of a store that does not look at the data for every read. */
  get(namespace: string, key: Key, staleMsMax?: number): MaybePromise<Entry | null>;
  getMany(
    namespace: string,
    keys: readonly Key[],
    staleMsMax?: number,
  ): MaybePromise<readonly (Entry | null)[]>;
  list(namespace: string, query: ListQuery): MaybePromise<ListPage>;
  /** Live entries in the range. Costs what it counts, in slices that let other work through. */
  count(namespace: string, range: KeyRange): Promise<number>;

  /**
   * Writes a value part by part without holding it in memory.
   *
   * @throws KvError `value_too_large` as soon as `bytesMax` is passed, with the number of bytes seen so far
   */
  stage(
    parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options: { readonly bytesMax: number },
  ): Promise<StagedValue>;

  // Writes resolve when they are durable.
  put(namespace: string, key: Key, input: PutInput, condition?: Condition): Promise<WriteOutcome>;
  delete(namespace: string, key: Key, condition?: Condition): Promise<WriteOutcome>;
  /** @throws KvError `value_not_integer` when what is stored is not a safe integer in decimal, or the sum is not safe */
  increment(
    namespace: string,
    key: Key,
    by: number,
    expirationMs: number | null,
  ): Promise<{ readonly value: number; readonly version: number }>;
  touch(
    namespace: string,
    key: Key,
    expirationMs: number | null,
    condition?: Condition,
  ): Promise<WriteOutcome>;
  /** All or nothing, at one version; `null` when a check failed. */
  commit(namespace: string, checks: readonly Check[], mutations: readonly Mutation[]): Promise<number | null>;
  /** Each mutation is atomic, all of them together are not. Resolves when all are durable. */
  writeMany(namespace: string, mutations: readonly Mutation[]): Promise<readonly WriteOutcome[]>;

  /** The newest version: a watch `since` it gets all that is written from now on. */
  version(): MaybePromise<number>;
  /**
   * Changes of a namespace in the order of their versions, this process's and others'.
   *
   * @throws KvError `watch_behind` when `since` is older than what is remembered, or newer than anything (the data
   *   was replaced by older ones), or when the reader fell behind
   */
  watch(namespace: string, query: WatchQuery): AsyncIterable<Change>;

  records(table: "tokens"): RecordTable;

  /** @throws KvError why reads fail, or writes would be refused, as far as that can be told without a write */
  health(): MaybePromise<void>;

  /** Finishes the writes under way, then lets go of the data. Everything rejects with `unavailable` afterwards. */
  close(): Promise<void>;
}
