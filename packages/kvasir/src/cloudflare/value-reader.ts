import { BULK_GET_KEYS_MAX, KvError } from "@kvasir/client/namespace";
import type { PortableEntry } from "@kvasir/store";
import { BULK_READ_BYTES, DISAGREEMENTS_MAX, READ_AHEAD_BYTES, SINGLE_READS_AT_ONCE } from "./limits.js";
import type { ListedKey, NamespaceAddress } from "./listed-keys.js";
import { namespacesPath } from "./namespaces.js";
import type { CloudflareRequester } from "./requester.js";

export interface ValueReaderOptions extends NamespaceAddress {
  /** Read each value by a request of its own, and never in bulk. @default false */
  readonly singly?: boolean | undefined;
  /** Take only metadata and expirations from a bulk read. @default false */
  readonly exactly?: boolean | undefined;
}

/** An entry as a bulk read shows it. */
interface BulkValue {
  readonly value: unknown;
  readonly metadata?: unknown;
  readonly expiration?: unknown;
}

type BulkValues = ReadonlyMap<string, BulkValue>;

export interface ReadOutcome {
  /** The entries that still exist, in the order of the keys. */
  readonly entries: readonly PortableEntry[];
  /** The keys that are still to be read. */
  readonly rest: readonly ListedKey[];
}

/** Why a bulk read fails for one of its keys, or for all of them together. Other errors concern every request. */
const SPLITTING: ReadonlySet<string> = new Set([
  "bad_request",
  "payload_too_large",
  "key_not_found",
  "route_not_found",
]);
/** What a decoder writes for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Reads entries as they are stored.
 *
 * A bulk read returns 100 values at a time, but only as text: bytes that are not UTF-8 are replaced by U+FFFD. It
 * refuses responses of more than 25 MB, and a service may leave out keys, expirations or metadata that its list shows.
 * Whatever is in doubt is read again by requests for that key alone, which return the exact bytes.
 */
export class ValueReader {
  readonly #requester: CloudflareRequester;
  readonly #options: ValueReaderOptions;
  readonly #path: string;
  #keysPerRead = BULK_GET_KEYS_MAX;
  /** Bytes of the values of the last read. */
  #lastBytes: number | undefined;

  constructor(requester: CloudflareRequester, options: ValueReaderOptions) {
    this.#requester = requester;
    this.#options = options;
    this.#path = namespacesPath(options.account, options.namespace);
  }

  /** How many keys to read together, so that a response stays small. */
  get keysPerRead(): number {
    return this.#keysPerRead;
  }

  /** How many reads of so many keys may be held in memory at once, as far as earlier reads tell. */
  get readsAhead(): number {
    if (this.#lastBytes === undefined) return 1;
    return Math.max(1, Math.floor(READ_AHEAD_BYTES / Math.max(this.#lastBytes, 1)));
  }

  /** Reads the first of these keys: as many as fit into one response. */
  async read(keys: readonly ListedKey[], signal?: AbortSignal): Promise<ReadOutcome> {
    const { asked, bulk } = await this.#bulk(keys.slice(0, this.#keysPerRead), signal);
    const entries: PortableEntry[] = [];
    let bytes = 0;
    let done = 0;
    while (done < asked.length && (done === 0 || bytes < BULK_READ_BYTES)) {
      const some = asked.slice(done, done + SINGLE_READS_AT_ONCE);
      const read = await Promise.all(some.map((key) => this.#decide(key, bulk, signal)));
      for (const entry of read) {
        if (entry === null) continue;
        entries.push(entry);
        bytes += entry.value.byteLength;
      }
      done += some.length;
    }
    this.#adapt(done, bytes);
    return { entries, rest: keys.slice(done) };
  }

  /** Asks for fewer keys until the response is not refused. */
  async #bulk(
    keys: readonly ListedKey[],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly asked: readonly ListedKey[]; readonly bulk: BulkValues }> {
    if (this.#options.singly === true) return { asked: keys, bulk: new Map() };
    for (let asked = keys; ; asked = asked.slice(0, Math.ceil(asked.length / 2))) {
      try {
        return { asked, bulk: await this.#bulkOnce(asked, signal) };
      } catch (error) {
        if (!(error instanceof KvError && SPLITTING.has(error.code))) throw error;
        if (asked.length === 1) return { asked, bulk: new Map() };
      }
    }
  }

  async #bulkOnce(keys: readonly ListedKey[], signal: AbortSignal | undefined): Promise<BulkValues> {
    const { account, namespace } = this.#options;
    const { result } = await this.#requester.envelope({
      method: "POST",
      path: `${this.#path}/bulk/get`,
      contentType: "application/json",
      body: () => JSON.stringify({ keys: keys.map(({ name }) => name), type: "text", withMetadata: true }),
      account,
      namespace,
      signal,
    });
    const { values } = (result ?? {}) as { values?: unknown };
    // Not `values[name]`: a key may be the name of something that every object has.
    const found = typeof values === "object" && values !== null ? Object.entries(values) : [];
    return new Map(found.filter(([, value]) => typeof value === "object" && value !== null));
  }

  #decide(
    key: ListedKey,
    bulk: BulkValues,
    signal: AbortSignal | undefined,
  ): PortableEntry | Promise<PortableEntry | null> {
    const found = bulk.get(key.name);
    if (this.#options.exactly === true || found === undefined || isInDoubt(found, key)) {
      return this.#single(key, found, signal);
    }
    return {
      key: key.name,
      value: Buffer.from(found.value as string),
      expirationMs: expirationMsOf(found.expiration),
      metadata: metadataText(found, key),
      contentType: null,
    };
  }

  /** `null` if there is no such key any more. */
  async #single(
    key: ListedKey,
    bulk: BulkValue | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PortableEntry | null> {
    let shown = bulk;
    const longest = new LongestRead();
    for (let attempt = 1; ; attempt++) {
      const read = await this.#value(key.name, signal);
      if (read === null) return null;
      const isLast = attempt === DISAGREEMENTS_MAX;
      const looksEqual = agrees(read.bytes, shown?.value);
      // Text cannot tell whether bytes are missing at an end that is not UTF-8.
      const agreed = looksEqual && (!endsInDoubt(read.bytes) || longest.isAgain(read.bytes));
      if (isLast && !agreed && isPartOf(read.bytes, shown?.value)) throw incomplete(key.name);
      // Two reads may be a minute apart at Cloudflare. A value that is not a part of the other one is whole.
      if (agreed || isLast) {
        const expiration = read.headers.get("expiration") ?? (shown ?? key).expiration;
        return {
          key: key.name,
          value: read.bytes,
          expirationMs: expirationMsOf(expiration),
          metadata: await this.#metadata(key, shown, signal),
          contentType: null,
        };
      }
      if (looksEqual) continue;
      // It was changed between the two reads, or one of them is incomplete.
      shown = (await this.#bulk([key], signal)).bulk.get(key.name);
    }
  }

  async #value(name: string, signal: AbortSignal | undefined) {
    const { account, namespace } = this.#options;
    const path = `${this.#path}/values/${encodeURIComponent(name)}`;
    return await this.#requester.value({ path, account, namespace, signal }).catch(nullIfMissing);
  }

  /** A bulk read that shows none where the list shows some is in doubt. */
  async #metadata(
    key: ListedKey,
    bulk: BulkValue | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | null> {
    if (bulk !== undefined && !lacksMetadata(bulk, key)) return metadataText(bulk, key);
    if (key.metadata === undefined) return null;
    const { account, namespace } = this.#options;
    const path = `${this.#path}/metadata/${encodeURIComponent(key.name)}`;
    const envelope = await this.#requester
      .envelope({ path, account, namespace, signal })
      .catch(nullIfMissing);
    return envelope === null ? null : metadataText({ metadata: envelope.result }, key);
  }

  #adapt(keys: number, bytes: number): void {
    this.#lastBytes = bytes;
    if (bytes === 0) return;
    const fitting = Math.floor((keys * BULK_READ_BYTES) / bytes);
    // Grows by half at most, because the next values may be larger.
    const most = Math.ceil(this.#keysPerRead * 1.5);
    this.#keysPerRead = Math.min(Math.max(fitting, 1), most, BULK_GET_KEYS_MAX);
  }
}

/** Whether a bulk read may show less than what is stored. */
function isInDoubt(bulk: BulkValue, key: ListedKey): boolean {
  const { value } = bulk;
  if (typeof value !== "string" || value.includes(REPLACEMENT)) return true;
  return lacksExpiration(bulk, key) || lacksMetadata(bulk, key);
}

function lacksExpiration(bulk: BulkValue, key: ListedKey): boolean {
  return expirationMsOf(bulk.expiration) === null && key.expiration !== undefined;
}

function lacksMetadata(bulk: Pick<BulkValue, "metadata">, key: ListedKey): boolean {
  const none = bulk.metadata === undefined || bulk.metadata === null;
  return none && key.metadata !== undefined && key.metadata !== null;
}

/** A bulk read shows `null` for no metadata and for the metadata `null`; the list tells them apart. */
function metadataText({ metadata }: Pick<BulkValue, "metadata">, key: ListedKey): string | null {
  if (metadata === undefined || metadata === null) return key.metadata === null ? "null" : null;
  return JSON.stringify(metadata);
}

/** @param seconds a number, or the text of a header */
function expirationMsOf(seconds: unknown): number | null {
  if (seconds === undefined || seconds === null || seconds === "") return null;
  const number = Number(seconds);
  return Number.isFinite(number) && number > 0 ? number * 1000 : null;
}

/** Whether bytes are those that a bulk read shows as `text`, as far as it shows them. */
function agrees(bytes: Uint8Array, text: unknown): boolean {
  return typeof text !== "string" || comparable(decoded(bytes)) === comparable(text);
}

function endsInDoubt(bytes: Uint8Array): boolean {
  return decoded(bytes).endsWith(REPLACEMENT);
}

/** What is missing of a value is missing at its end, so the longest read is whole if it comes twice. */
class LongestRead {
  #bytes: Uint8Array = new Uint8Array(0);

  isAgain(bytes: Uint8Array): boolean {
    if (Buffer.compare(bytes, this.#bytes) === 0) return true;
    if (bytes.byteLength > this.#bytes.byteLength) this.#bytes = bytes;
    return false;
  }
}

function isPartOf(bytes: Uint8Array, text: unknown): boolean {
  return typeof text === "string" && comparable(text).startsWith(comparable(decoded(bytes)).slice(0, -1));
}

function decoded(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** Decoders differ in how many replacements they write, and in whether they keep a byte order mark. */
function comparable(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\ufffd+/g, REPLACEMENT);
}

function incomplete(key: string): KvError {
  return new KvError("unavailable", `The value of the key ${JSON.stringify(key)} arrives incomplete`, {
    hint: "Try again later.",
  });
}

function nullIfMissing(error: unknown): null {
  if (error instanceof KvError && error.code === "key_not_found") return null;
  throw error;
}
