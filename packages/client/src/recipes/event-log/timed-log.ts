import type { WorkersKV } from "../../namespace/kv-namespace.js";
import { METADATA_BYTES_MAX } from "../../namespace/limits.js";
import type { RecipeSurroundings } from "../shared/options.js";
import type { AppenderOptions } from "./appender.js";
import { TRIMMED_EVENTS_MAX } from "./limits.js";
import type { LogKeys } from "./log-keys.js";
import { type LoggedEvent, type NewEvent, parsedEvent } from "./logged-event.js";
import type { EventPage, OrderedLogOptions, PageQuery } from "./ordered-log.js";

interface Inline {
  /** The event's text if it is short. A list then returns it with the key. */
  readonly event?: string;
}

/**
 * A log on plain Workers KV. Each event has a key of its own, so that none is lost. The order is that of the
 * writers' clocks. It lists in one direction only: newest first.
 */
export class TimedLog<Data> {
  readonly #kv: WorkersKV;
  readonly #keys: LogKeys;
  readonly #options: AppenderOptions & OrderedLogOptions;
  readonly #surroundings: Pick<RecipeSurroundings, "nowMs">;

  constructor(
    kv: WorkersKV,
    keys: LogKeys,
    options: AppenderOptions & OrderedLogOptions,
    surroundings: Pick<RecipeSurroundings, "nowMs">,
  ) {
    this.#kv = kv;
    this.#keys = keys;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** One request for each event. */
  async append(events: readonly NewEvent[]): Promise<void> {
    const { expirationTtl } = this.#options;
    for (const { id, atMs, text } of events) {
      const inline: Inline = { event: text };
      const fits = new TextEncoder().encode(JSON.stringify(inline)).byteLength <= METADATA_BYTES_MAX;
      await this.#kv.put(this.#keys.timed(atMs, id), text, {
        ...(expirationTtl !== undefined && { expirationTtl }),
        ...(fits && { metadata: inline }),
      });
    }
  }

  /** One request, and one more for each event of a kilobyte or more. */
  async page({ limit, cursor }: PageQuery): Promise<EventPage<LoggedEvent<Data>>> {
    const page = await this.#kv.list<Inline>({ prefix: this.#keys.timedPrefix, limit, cursor });
    const texts = await Promise.all(
      page.keys.map(({ name, metadata }) => metadata?.event ?? this.#kv.get(name)),
    );
    const events: LoggedEvent<Data>[] = [];
    page.keys.forEach(({ name }, at) => {
      // A list may still contain deleted events.
      const text = texts[at];
      if (text === null || text === undefined) return;
      const { id, atMs, data } = parsedEvent(text, name);
      if (!this.#isTooOld(atMs)) events.push({ id, sequence: null, atMs, data: data as Data });
    });
    return { events, cursor: page.list_complete ? null : page.cursor };
  }

  /** Removes some events beyond the limit. Reads the keys of all events that are kept. */
  async trim(): Promise<number> {
    const { maxEvents } = this.#options;
    return maxEvents === undefined ? 0 : this.#deleteOlder({ kept: maxEvents, atMost: TRIMMED_EVENTS_MAX });
  }

  clear(): Promise<number> {
    return this.#deleteOlder({ kept: 0, atMost: Number.POSITIVE_INFINITY });
  }

  async #deleteOlder({ kept, atMost }: { readonly kept: number; readonly atMost: number }): Promise<number> {
    let seen = 0;
    let cursor: string | undefined;
    do {
      const page = await this.#kv.list({ prefix: this.#keys.timedPrefix, cursor });
      for (const { name } of page.keys) {
        if (seen++ < kept) continue;
        if (seen > kept + atMost) return atMost;
        await this.#kv.delete(name);
      }
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
    return Math.max(0, seen - kept);
  }

  #isTooOld(atMs: number): boolean {
    const { maxAgeMs } = this.#options;
    return maxAgeMs !== undefined && atMs <= this.#surroundings.nowMs() - maxAgeMs;
  }
}
