import { KvError } from "../../namespace/errors.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { Batches } from "../shared/batches.js";
import { untilUncontended } from "../shared/contention.js";
import type { RecipeSurroundings } from "../shared/options.js";
import { isInDoubt } from "../shared/store-access.js";
import { COMMIT_BYTES_MAX, ID_SECONDS, LOST_ANSWERS_MAX } from "./limits.js";
import type { LogKeys } from "./log-keys.js";
import { type NewEvent, parsedEvent } from "./logged-event.js";

/**
 * The number of the newest event, and the version of the entry that holds it. `null` before the first event.
 */
export interface Head {
  readonly sequence: number;
  readonly version: number | null;
}

/** The position of an append in the log. */
export interface Place {
  /** The number of its first event. Its other events follow. */
  readonly first: number;
  /**
   * Whether an append with the same id existed already, so that the log may hold
   * another event than the caller's.
   */
  readonly repeated: boolean;
}

/** Events that are appended together or not at all. */
export interface Append {
  readonly events: readonly NewEvent[];
  /** The caller's own id, which identifies a repeated append. */
  readonly id: string | undefined;
}

export interface AppenderOptions {
  readonly maxEvents: number | undefined;
  /** How long the store keeps an event, in seconds. */
  readonly expirationTtl: number | undefined;
}

/** A commit whose response was lost. It was made if the event with this number has this id. */
interface Doubt {
  readonly head: Head;
  readonly lastSequence: number;
  readonly lastId: string | undefined;
  readonly error: KvError;
}

/**
 * Numbers events without gaps. The number of the newest event, the head, is remembered. A commit writes
 * the next events and the new head under the condition that the head has not changed. If another
 * process appended meanwhile, the head is read again. All appends that arrive while a commit is in
 * flight go into the next commit.
 */
export class Appender {
  readonly #kv: KVNamespace;
  readonly #keys: LogKeys;
  readonly #options: AppenderOptions;
  readonly #surroundings: Pick<RecipeSurroundings, "random" | "sleep">;
  readonly #batches: Batches<Append, Place>;
  #head: Head | undefined;

  constructor(
    kv: KVNamespace,
    keys: LogKeys,
    options: AppenderOptions,
    surroundings: Pick<RecipeSurroundings, "random" | "sleep">,
  ) {
    this.#kv = kv;
    this.#keys = keys;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#batches = new Batches((appends) => this.#appendAll(appends), {
      weightMax: COMMIT_BYTES_MAX,
      weigh: ({ events }) => events.reduce((sum, { weight }) => sum + weight, 0),
    });
  }

  append(append: Append): Promise<Place> {
    return this.#batches.add(append);
  }

  async readHead(): Promise<Head> {
    const { value, version } = await this.#kv.getWithMetadata(this.#keys.head, {
      type: "text",
      version: true,
    });
    const sequence = Number(value ?? 0);
    if (Number.isSafeInteger(sequence) && sequence >= 0) return { sequence, version };
    throw new KvError(
      "value_invalid",
      `${JSON.stringify(this.#keys.head)} holds something else than a number.`,
      {
        hint: "Give the log a prefix that nothing else uses.",
      },
    );
  }

  async #appendAll(appends: readonly Append[]): Promise<readonly Place[]> {
    const places = new Places(appends);
    let doubt: Doubt | undefined;
    let lostAnswers = 0;
    const attempt = async () => {
      const head = this.#head ?? (await this.readHead());
      this.#head = undefined;
      if (doubt !== undefined && head.version !== doubt.head.version) {
        if (await this.#wasMade(doubt, head)) places.assign(doubt.head.sequence);
        doubt = undefined;
      }
      const left = places.left();
      if (left.length === 0) return ALL_MADE;
      try {
        this.#head = await this.#commit(left, head);
        if (this.#head !== undefined) places.assign(head.sequence);
        else if (doubt === undefined) await this.#findRepetitions(left, places);
      } catch (error) {
        if (!isInDoubt(error) || lostAnswers++ >= LOST_ANSWERS_MAX) throw error;
        // Repeated under the same condition, at most one of the two commits is made,
        // in any order of arrival.
        doubt ??= doubtAbout(left, head, error);
      }
      return places.left().length === 0 ? ALL_MADE : undefined;
    };
    await untilUncontended(`the log's head ${JSON.stringify(this.#keys.head)}`, attempt, this.#surroundings);
    return appends.map((append) => places.of(append));
  }

  /** @returns the new head; `undefined` if the head had moved or one of the ids existed already */
  async #commit(appends: readonly Append[], { sequence: after, version }: Head): Promise<Head | undefined> {
    const { maxEvents, expirationTtl } = this.#options;
    const atomic = this.#kv.atomic().check(this.#keys.head, version);
    let sequence = after;
    for (const { events, id } of appends) {
      if (id !== undefined) {
        const key = this.#keys.id(id);
        atomic.check(key, null).put(key, String(sequence + 1), { expirationTtl: ID_SECONDS });
      }
      for (const { text } of events) {
        atomic.put(this.#keys.event(++sequence), text, { expirationTtl });
        // Removes one event for each new one, so that the log never outgrows its cap
        // and no append has much to trim.
        if (maxEvents !== undefined && sequence > maxEvents)
          atomic.delete(this.#keys.event(sequence - maxEvents));
      }
    }
    const commit = await atomic.put(this.#keys.head, String(sequence)).commit();
    return commit.ok ? { sequence, version: commit.version } : undefined;
  }

  async #wasMade({ lastSequence, lastId, error }: Doubt, now: Head): Promise<boolean> {
    if (now.sequence < lastSequence) return false;
    const key = this.#keys.event(lastSequence);
    const text = await this.#kv.get(key);
    // The event was trimmed already, so its author is unknown.
    if (text === null) throw error;
    return parsedEvent(text, key).id === lastId;
  }

  /** An append with an id of the caller may have been made before. Then its position is the old one. */
  async #findRepetitions(appends: readonly Append[], places: Places): Promise<void> {
    for (const append of appends) {
      if (append.id === undefined) continue;
      const first = await this.#kv.get(this.#keys.id(append.id));
      if (first !== null) places.find(append, Number(first));
    }
  }
}

const ALL_MADE = { result: undefined };

/**
 * The positions of the appends of a batch, as far as they are known. Appends with the
 * same id count as one: the first.
 */
class Places {
  readonly #appends = new Map<unknown, Append>();
  readonly #firsts = new Map<unknown, number>();
  /** Identities that are already in the log. */
  readonly #found = new Set<unknown>();

  constructor(appends: readonly Append[]) {
    for (const append of appends) {
      if (!this.#appends.has(identity(append))) this.#appends.set(identity(append), append);
    }
  }

  left(): Append[] {
    return [...this.#appends.values()].filter((append) => !this.#firsts.has(identity(append)));
  }

  /** Records that an append was found in the log. */
  find(append: Append, first: number): void {
    this.#firsts.set(identity(append), first);
    this.#found.add(identity(append));
  }

  /** Gives all remaining appends the numbers after `sequence`, in their order. */
  assign(sequence: number): void {
    let first = sequence + 1;
    for (const append of this.left()) {
      this.#firsts.set(identity(append), first);
      first += append.events.length;
    }
  }

  of(append: Append): Place {
    const key = identity(append);
    const first = this.#firsts.get(key);
    if (first === undefined) throw new TypeError("This append has no place yet.");
    return { first, repeated: this.#found.has(key) || this.#appends.get(key) !== append };
  }
}

function identity(append: Append): unknown {
  return append.id ?? append;
}

function doubtAbout(appends: readonly Append[], head: Head, error: KvError): Doubt {
  const events = appends.flatMap((append) => append.events);
  return { head, lastSequence: head.sequence + events.length, lastId: events.at(-1)?.id, error };
}
