import { LIST_SCAN_MAX, LIST_VALUE_BYTES_MAX } from "../../store/limits.js";
import type { ListedEntry, ListPage, ListQuery } from "../../store/listing.js";
import type { StoredNamespace } from "./catalog.js";
import { decodeEntry } from "./entry-codec.js";
import type { Bucket } from "./layout.js";
import { lexRange } from "./lex-range.js";
import { LIST_STEP_MAX } from "./limits.js";
import { LIST } from "./read-scripts.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { storedValue } from "./staging.js";

/**
 * One page of a list over all buckets, in the order of the keys' bytes. Each bucket is asked for its likely
 * share of the page, and again when it has run dry: the next key of the page is only known while every bucket
 * shows its own next key.
 */
export async function mergeLists(
  session: Session,
  namespace: StoredNamespace,
  query: ListQuery,
): Promise<ListPage> {
  const { limit, reverse = false } = query;
  const share = limit / namespace.buckets.length;
  const step = Math.min(LIST_STEP_MAX, Math.ceil(share + 3 * Math.sqrt(share) + 2));
  const readers = namespace.buckets.map((bucket) => new BucketReader(session, bucket, query, step));
  const entries: ListedEntry[] = [];
  let valueBytes = 0;
  let looked = 0;
  for (;;) {
    const dry = readers.filter((reader) => reader.isDry);
    const isSpent = looked >= LIST_SCAN_MAX;
    if (dry.length > 0 && !isSpent) {
      const counts = await Promise.all(dry.map((reader) => reader.read()));
      for (const count of counts) looked += count;
      continue;
    }
    const next = firstOf(readers, reverse);
    const frontier = frontierOf(dry, reverse);
    if (next === null || (frontier !== null && isPast(next.row.key, frontier, reverse))) {
      return { entries, after: frontier?.toString() ?? null };
    }
    const { row } = next;
    const last = entries.at(-1)?.key ?? null;
    if (entries.length >= limit) return { entries, after: last };
    const listed = row.entry();
    if (query.values === true) {
      valueBytes += listed.valueBytes;
      if (valueBytes > LIST_VALUE_BYTES_MAX && entries.length > 0) return { entries, after: last };
    }
    entries.push(listed);
    next.reader.shift();
  }
}

interface Row {
  readonly key: Buffer;
  readonly entry: () => ListedEntry;
}

/** Reads one bucket from one end of the range to the other. */
class BucketReader {
  readonly #session: Session;
  readonly #bucket: Bucket;
  readonly #query: ListQuery;
  #step: number;
  #rows: readonly Row[] = [];
  #at = 0;
  #isAtEnd = false;
  /** The last key that was looked at, live or not. */
  #lookedAt: string | undefined;

  constructor(session: Session, bucket: Bucket, query: ListQuery, step: number) {
    this.#session = session;
    this.#bucket = bucket;
    this.#query = query;
    this.#step = step;
    this.#lookedAt = query.after;
  }

  /** Whether the next live key is not known. */
  get isDry(): boolean {
    return this.#at >= this.#rows.length && !this.#isAtEnd;
  }

  get next(): Row | undefined {
    return this.#rows[this.#at];
  }

  get lookedAt(): string | undefined {
    return this.#lookedAt;
  }

  shift(): void {
    this.#at++;
  }

  /** Reads on. Returns how many keys were looked at. */
  async read(): Promise<number> {
    const { reverse = false, values = false } = this.#query;
    const { low, high } = lexRange(this.#query, { after: this.#lookedAt, reverse });
    const args = [this.#session.time, reverse ? "1" : "0", low, high, this.#step, values ? "1" : "0"];
    const command = run(LIST, [this.#bucket.entries, this.#bucket.index], args);
    const reply = await this.#session.read(this.#bucket, command);
    const [isAtEnd, lookedAt, ...rows] = reply as readonly unknown[];
    this.#isAtEnd = isAtEnd === 1;
    if (lookedAt !== null) this.#lookedAt = String(lookedAt);
    this.#rows = Array.from({ length: rows.length / 2 }, (_, at) =>
      this.#row(rows[2 * at] as Buffer, rows[2 * at + 1] as Buffer),
    );
    this.#at = 0;
    const looked = this.#step;
    // Many expired keys in a row: fewer, larger steps.
    this.#step = Math.min(LIST_STEP_MAX, this.#step * 2);
    return this.#isAtEnd ? this.#rows.length : looked;
  }

  #row(key: Buffer, bytes: Buffer): Row {
    return {
      key,
      entry: () => {
        const stored = decodeEntry(bytes);
        const { version, expirationMs, metadata, valueBytes, modifiedMs } = stored;
        const listed = { key: key.toString(), version, expirationMs, metadata, valueBytes, modifiedMs };
        if (this.#query.values !== true) return listed;
        const { contentType } = stored;
        return { ...listed, contentType, value: storedValue(this.#session, this.#bucket, stored) };
      },
    };
  }
}

function firstOf(
  readers: readonly BucketReader[],
  reverse: boolean,
): { reader: BucketReader; row: Row } | null {
  let first: { reader: BucketReader; row: Row } | null = null;
  for (const reader of readers) {
    const row = reader.next;
    if (row === undefined) continue;
    if (first === null || row.key.compare(first.row.key) < 0 !== reverse) first = { reader, row };
  }
  return first;
}

/**
 * How far all buckets have been looked at, if the work for one page is done before each shows its next key: the
 * nearest place that one of them has reached. What others show beyond it comes with the next page.
 */
function frontierOf(dry: readonly BucketReader[], reverse: boolean): Buffer | null {
  const reached = dry.map(({ lookedAt }) => Buffer.from(lookedAt ?? "")).sort(Buffer.compare);
  return (reverse ? reached.at(-1) : reached[0]) ?? null;
}

function isPast(key: Buffer, frontier: Buffer, reverse: boolean): boolean {
  const order = key.compare(frontier);
  return reverse ? order < 0 : order > 0;
}
