import { KvError } from "../../namespace/errors.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { LIST_LIMIT_MAX } from "../../namespace/limits.js";
import type { RecipeSurroundings } from "../shared/options.js";
import type { Appender } from "./appender.js";
import { TRIMMED_EVENTS_MAX } from "./limits.js";
import type { LogKeys } from "./log-keys.js";
import { type LoggedEvent, parsedEvent } from "./logged-event.js";

/** The part of a log to read. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly newestFirst: boolean;
  /** Only events with larger numbers. */
  readonly after?: number | undefined;
}

export interface EventPage<Event> {
  readonly events: readonly Event[];
  /** The cursor of the next page. `null` if there is none. A page may hold fewer events than its limit. */
  readonly cursor: string | null;
}

export interface OrderedLogOptions {
  readonly maxEvents: number | undefined;
  readonly maxAgeMs: number | undefined;
}

/** Reads and trims the log that an {@link Appender} writes. */
export class OrderedLog<Data> {
  readonly #kv: KVNamespace;
  readonly #keys: LogKeys;
  readonly #appender: Appender;
  readonly #options: OrderedLogOptions;
  readonly #surroundings: RecipeSurroundings;

  constructor(
    kv: KVNamespace,
    keys: LogKeys,
    appender: Appender,
    options: OrderedLogOptions,
    surroundings: RecipeSurroundings,
  ) {
    this.#kv = kv;
    this.#keys = keys;
    this.#appender = appender;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** One request. */
  async page(query: PageQuery): Promise<EventPage<LoggedEvent<Data, "atomic">>> {
    const { events, cursor } = await this.#read(query);
    return { events, cursor };
  }

  /** Reads what is there, waits for the head to move, and reads on. */
  async *follow(
    after: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<LoggedEvent<Data, "atomic">, void> {
    const reader = new Reader(after ?? (await this.#appender.readHead()).sequence);
    while (!signal?.aborted) {
      // Before the events are read: the watch is told of every append from here on.
      const since = await this.#kv.position();
      yield* this.#readOn(reader, signal);
      try {
        for await (const change of this.#kv.watch({ prefix: this.#keys.head, since, signal })) {
          // One read may return several appends, but the watch reports each of them.
          if (change.version > reader.version) yield* this.#readOn(reader, signal);
        }
      } catch (error) {
        // The store no longer has all changes, but the log still has all events.
        if (!(error instanceof KvError) || error.code !== "watch_behind") throw error;
      }
    }
  }

  /** The event with a number. `undefined` if it was removed. One request. */
  async at(sequence: number): Promise<LoggedEvent<Data, "atomic"> | undefined> {
    const key = this.#keys.event(sequence);
    const text = await this.#kv.get(key);
    return text === null ? undefined : this.#event(key, text);
  }

  /** Removes some of the events beyond a lowered limit. Appends keep to an unchanged limit themselves. */
  async trim(): Promise<number> {
    const { maxEvents } = this.#options;
    const { sequence: head } = await this.#appender.readHead();
    const oldest = await this.#kv.list({
      prefix: this.#keys.eventPrefix,
      values: true,
      limit: TRIMMED_EVENTS_MAX,
    });
    const atomic = this.#kv.atomic();
    let trimmed = 0;
    for (const { name, value = "" } of oldest.keys) {
      const event = this.#event(name, value);
      const isOver = maxEvents !== undefined && event.sequence <= head - maxEvents;
      if (!isOver && !this.#isTooOld(event)) continue;
      atomic.delete(name);
      trimmed++;
    }
    if (trimmed > 0) await atomic.commit();
    return trimmed;
  }

  /** Keeps the head, because numbers that readers have seen must not be reused. */
  clear(): Promise<number> {
    return this.#kv.deletePrefix(this.#keys.eventPrefix);
  }

  async *#readOn(reader: Reader, signal: AbortSignal | undefined) {
    const after = reader.sequence;
    let cursor: string | undefined;
    do {
      const page = await this.#read({ limit: LIST_LIMIT_MAX, cursor, newestFirst: false, after });
      for (const event of page.events) {
        if (signal?.aborted) return;
        reader.sequence = event.sequence;
        yield event;
      }
      reader.version = Math.max(reader.version, page.version);
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * Reads a page and the newest version in it, which is the version of the commit that appended the event.
   */
  async #read({ limit, cursor, newestFirst, after }: PageQuery) {
    const page = await this.#kv.list({
      prefix: this.#keys.eventPrefix,
      values: true,
      versions: true,
      reverse: newestFirst,
      limit,
      cursor,
      start: after === undefined ? undefined : this.#keys.event(after + 1),
    });
    const events = page.keys.map(({ name, value = "" }) => this.#event(name, value));
    return {
      events: events.filter((event) => !this.#isTooOld(event)),
      cursor: page.list_complete ? null : page.cursor,
      version: Math.max(0, ...page.keys.map(({ version = 0 }) => version)),
    };
  }

  #event(key: string, text: string): LoggedEvent<Data, "atomic"> {
    const { id, atMs, data } = parsedEvent(text, key);
    return { id, sequence: this.#keys.sequenceOf(key), atMs, data: data as Data };
  }

  #isTooOld({ atMs }: { readonly atMs: number }): boolean {
    const { maxAgeMs } = this.#options;
    return maxAgeMs !== undefined && atMs <= this.#surroundings.nowMs() - maxAgeMs;
  }
}

/** How far a follower has read. */
class Reader {
  sequence: number;
  /** The version of the newest event that was read. */
  version = 0;

  constructor(sequence: number) {
    this.sequence = sequence;
  }
}
