import { KvError } from "../../namespace/errors.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { LIST_LIMIT_MAX } from "../../namespace/limits.js";
import type { KVBinding } from "../../typed/binding.js";
import { type AtomicBinding, type Guarantee, recipeBinding } from "../shared/binding.js";
import { SPAN_SECONDS_MAX } from "../shared/limits.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  nonEmptyText,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  type RecipeSurroundings,
  surroundings,
  wholeNumber,
} from "../shared/options.js";
import { storeTtl } from "../shared/store-ttl.js";
import { Appender } from "./appender.js";
import { COMMIT_BYTES_MAX, EVENTS_PER_COMMIT_MAX, PAGE_EVENTS } from "./limits.js";
import { type LogKeys, logKeys } from "./log-keys.js";
import { type LoggedEvent, type NewEvent, newEvent } from "./logged-event.js";
import { type EventPage, OrderedLog } from "./ordered-log.js";
import { TimedLog } from "./timed-log.js";

export interface EventLogOptions extends RecipeOptions {
  /** The name of the log. Several logs in one namespace need different names. @default "log" */
  readonly name?: string | undefined;
  /** Most events. Older events are removed when newer ones are appended. @default no limit */
  readonly maxEvents?: number | undefined;
  /** How long events are kept, in seconds. @default forever */
  readonly maxAgeSeconds?: number | undefined;
  /** @default "event-log:" */
  readonly prefix?: string | undefined;
}

export interface EventPageOptions {
  /** 1 to 1,000. @default 50 */
  readonly limit?: number | undefined;
  /** The cursor of the previous page. */
  readonly cursor?: string | null | undefined;
}

export interface EventLog<Data, G extends Guarantee = Guarantee> {
  /**
   * `atomic`: no event is lost, and all events are in one order without gaps, also with several writers.
   * `best-effort`, on plain Workers KV: no event is lost, and the order is that of the writers' clocks.
   */
  readonly guarantee: G;
  /**
   * Appends an event. One request if no other writer appended meanwhile, otherwise two more. Concurrent calls
   * of one process share a request. Sequential calls of one process keep their order, even if they are not
   * awaited (in Workers only if they are).
   *
   * With an `id`, an append that is repeated within a day, by any process, is made once. The repetition
   * returns the event in the log and needs one more request. Without an `id`, an append is made once even if
   * responses are lost. Only if it rejects with `unavailable` is the outcome unknown.
   *
   * @throws KvError `value_invalid`, `value_too_large`, `contended`, `key_too_long` for an id
   */
  append(data: Data, options?: { readonly id?: string | undefined }): Promise<LoggedEvent<Data, G>>;
  /**
   * Appends several events next to each other, all or none. At most 200 events and 1 MiB together. On a plain
   * binding they are appended one by one.
   */
  appendMany(data: readonly Data[]): Promise<LoggedEvent<Data, G>[]>;
  /** Returns the newest events first. One request. */
  newest(options?: EventPageOptions): Promise<EventPage<LoggedEvent<Data, G>>>;
  /**
   * Returns the oldest events first, optionally only those after a number. One request.
   *
   * @throws KvError `atomics_required` on a plain binding
   */
  oldest(
    options?: EventPageOptions & { readonly after?: number | undefined },
  ): Promise<EventPage<LoggedEvent<Data, G>>>;
  /**
   * Yields events as they are appended, in order and each once: those after the number `after`, or new ones
   * if it is missing. Ends with `signal`. A reader that is too slow misses events that the limits removed,
   * and sees the gap in the numbers.
   *
   * @throws KvError `atomics_required` on a plain binding
   */
  follow(options?: {
    readonly after?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): AsyncIterable<LoggedEvent<Data, G>>;
  /**
   * Removes up to 500 events beyond the limits and returns their number. Needed after a limit was lowered,
   * and on plain bindings. Otherwise appends and the store remove them.
   */
  trim(): Promise<number>;
  /** Removes all events and returns their number. Numbering continues where it was. */
  clear(): Promise<number>;
}

/**
 * A log of events with any number of concurrent writers.
 *
 * @throws KvError `option_invalid`, `key_too_long`
 * @example
 * const orders = eventLog<Order>(env.EVENTS, { name: "orders", maxEvents: 10_000 });
 * const { sequence } = await orders.append({ item: "apple" });
 * const { events, cursor } = await orders.newest({ limit: 20 });
 */
export function eventLog<Data = unknown>(
  kv: AtomicBinding,
  options?: EventLogOptions,
): EventLog<Data, "atomic">;
export function eventLog<Data = unknown>(kv: KVBinding, options?: EventLogOptions): EventLog<Data>;
export function eventLog<Data>(kv: KVBinding, options: EventLogOptions = {}): EventLog<Data> {
  const binding = recipeBinding(kv, { name: "eventLog", options, optionNames: OPTION_NAMES });
  const around = surroundings(options, "event-log:");
  const keys = logKeys(around.prefix, nonEmptyText("name", options.name ?? "log"));
  const caps = capsOf(options);
  const ordered =
    binding.atomic === undefined ? undefined : orderedLog<Data>(binding.atomic, { keys, caps, around });
  const timed = new TimedLog<Data>(binding.kv, keys, caps, around);

  async function append(data: readonly Data[], id?: string): Promise<LoggedEvent<Data>[]> {
    // An id is only passed with a single event.
    const atMs = around.nowMs();
    const events = data.map((one) => newEvent(one, { id: id ?? crypto.randomUUID(), atMs }));
    if (events.length === 0) return [];
    assertFit(events);
    const place = ordered === undefined ? undefined : await ordered.appender.append({ events, id });
    if (ordered === undefined) await timed.append(events);
    const stored = place?.repeated === true ? await ordered?.log.at(place.first) : undefined;
    if (stored !== undefined) return [stored];
    return events.map((event, at) => ({
      id: event.id,
      sequence: place === undefined ? null : place.first + at,
      atMs,
      data: data[at] as Data,
    }));
  }

  return {
    guarantee: ordered === undefined ? "best-effort" : "atomic",
    async append(data, { id } = {}) {
      if (id !== undefined) keys.id(nonEmptyText("id", id));
      return (await append([data], id))[0] as LoggedEvent<Data>;
    },
    async appendMany(data) {
      if (!Array.isArray(data)) throw invalidOption("data", data, "an array of events");
      return append(data);
    },
    newest: async (page = {}) => (ordered?.log ?? timed).page({ ...queryOf(page), newestFirst: true }),
    async oldest({ after, ...page } = {}) {
      const query = { ...queryOf(page), after: afterOf(after), newestFirst: false };
      return orderedOnly(ordered?.log, "oldest()").page(query);
    },
    follow({ after, signal } = {}) {
      return orderedOnly(ordered?.log, "follow()").follow(afterOf(after), signal);
    },
    trim: async () => (ordered?.log ?? timed).trim(),
    clear: async () => (ordered?.log ?? timed).clear(),
  };
}

const OPTION_NAMES: OptionNames<EventLogOptions> = {
  ...RECIPE_OPTION_NAMES,
  name: true,
  maxEvents: true,
  maxAgeSeconds: true,
};

function capsOf({ maxEvents, maxAgeSeconds }: EventLogOptions) {
  if (maxEvents !== undefined) wholeNumber("maxEvents", maxEvents, { min: 1 });
  if (maxAgeSeconds !== undefined) {
    wholeNumber("maxAgeSeconds", maxAgeSeconds, { min: 1, max: SPAN_SECONDS_MAX });
  }
  return {
    maxEvents,
    maxAgeMs: maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1000,
    expirationTtl: maxAgeSeconds === undefined ? undefined : storeTtl(maxAgeSeconds),
  };
}

function orderedLog<Data>(
  kv: KVNamespace,
  { keys, caps, around }: { keys: LogKeys; caps: ReturnType<typeof capsOf>; around: RecipeSurroundings },
) {
  const appender = new Appender(kv, keys, caps, around);
  return { appender, log: new OrderedLog<Data>(kv, keys, appender, caps, around) };
}

/** @throws KvError if the events do not fit into one commit */
function assertFit(events: readonly NewEvent[]): void {
  const weight = events.reduce((sum, event) => sum + event.weight, 0);
  if (weight <= COMMIT_BYTES_MAX) return;
  throw new KvError("value_too_large", `${events.length} events are too many or too long for one append.`, {
    hint: `Append at most ${EVENTS_PER_COMMIT_MAX} at once, and ${COMMIT_BYTES_MAX} bytes of JSON.`,
  });
}

function queryOf({ limit = PAGE_EVENTS, cursor }: EventPageOptions) {
  return {
    limit: wholeNumber("limit", limit, { min: 1, max: LIST_LIMIT_MAX }),
    cursor: cursor ?? undefined,
  };
}

function afterOf(after: number | undefined): number | undefined {
  return after === undefined ? undefined : wholeNumber("after", after, { min: 0 });
}

function orderedOnly<Log>(log: Log | undefined, what: string): Log {
  if (log !== undefined) return log;
  throw new KvError("atomics_required", `${what} needs a namespace with atomic operations.`, {
    hint: "A plain Workers KV binding lists newest() alone. Use a binding of `kvasir dev` or `kvasir serve`, connect(), or open() of @kvasir/store.",
  });
}
