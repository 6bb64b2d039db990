import { setImmediate as othersTurn } from "node:timers/promises";
import { KvError, LIST_LIMIT_MAX } from "@kvasir/client/namespace";
import type { Clock, Namespace, NamespaceListEntry } from "@kvasir/store";
import { type Bookmark, Bookmarks } from "./bookmarks.js";
import { PAGE_LOOKAHEAD_STEPS_MAX, PAGE_WALK_STEPS_MAX } from "./limits.js";
import type { PageRequest } from "./pages.js";

export interface KeyPageRequest extends PageRequest {
  readonly prefix: string | undefined;
}

export interface KeyPage {
  /** Empty past the end. */
  readonly keys: readonly NamespaceListEntry[];
  /** The number of keys. If more than 10,000 follow the page, the number that is known to exist. */
  readonly totalKnown: number;
}

/**
 * Pages of keys by number, over a store that pages by key.
 *
 * A store that keeps no positions finds the key at a position only by reading all keys before it. A client
 * that reads page after page would pay for all previous pages each time. So the end of a page is remembered
 * for a while. The next page starts there, costs only its own length, and neither skips nor repeats a key
 * that was there all along, whatever is written meanwhile. (Two clients that read the same list share the
 * page ends, so either may lose this promise because of the other: a page number does not identify a client.)
 * A jump reads on from the nearest known page end.
 *
 * Both that walk and the count of the keys after the page are bounded. A request therefore costs at most
 * 110,000 keys (about a tenth of a second, in steps that let other requests run) for any size of namespace. A
 * longer jump is refused, and continues from where it came to when it is retried.
 */
export class KeyPages {
  readonly #bookmarks: Bookmarks;

  constructor(clock: Clock) {
    this.#bookmarks = new Bookmarks(clock);
  }

  /** @throws KvError `unavailable` for a page that is too far away to reach in one request */
  async read(namespace: Namespace, { prefix = "", number, size }: KeyPageRequest): Promise<KeyPage> {
    const list = `${namespace.id}\n${prefix}`;
    const first = (number - 1) * size;
    const walk = new Walk(namespace, prefix, this.#bookmarks.nearest(list, first));
    const next = (most: number) => {
      if (walk.steps < PAGE_WALK_STEPS_MAX) return walk.next(most);
      if (walk.place.offset <= first) this.#bookmarks.add(list, walk.place);
      throw tooDeep(number);
    };

    while (walk.place.offset < first && !walk.ended) await next(first - walk.place.offset);
    const keys: NamespaceListEntry[] = [];
    while (keys.length < size && !walk.ended) keys.push(...(await next(size - keys.length)));
    if (walk.ended) return { keys, totalKnown: walk.place.offset };

    this.#bookmarks.add(list, walk.place);
    const lastStep = walk.steps + PAGE_LOOKAHEAD_STEPS_MAX;
    while (walk.steps < lastStep && !walk.ended) await walk.next(LIST_LIMIT_MAX);
    return { keys, totalKnown: walk.place.offset };
  }
}

/** Reads through the keys of a list in steps that let other requests run. */
class Walk {
  /** The current position. */
  place: Bookmark;
  ended = false;
  steps = 0;
  readonly #namespace: Namespace;
  readonly #prefix: string;

  constructor(namespace: Namespace, prefix: string, start: Bookmark) {
    this.#namespace = namespace;
    this.#prefix = prefix;
    this.place = start;
  }

  /** The keys of the next step, at most `most`. Empty if all entries of the step had expired. */
  async next(most: number): Promise<readonly NamespaceListEntry[]> {
    if (this.steps++ > 0) await othersTurn();
    const { offset, cursor: after } = this.place;
    const limit = Math.min(most, LIST_LIMIT_MAX);
    const { keys, cursor } = await this.#namespace.page({ prefix: this.#prefix, cursor: after, limit });
    this.place = { offset: offset + keys.length, cursor: cursor ?? undefined };
    this.ended = cursor === null;
    return keys;
  }
}

function tooDeep(number: number): KvError {
  return new KvError("unavailable", `Page ${number} lies too deep to be reached in one request`, {
    hint: "Try again to get on from there, read the pages in order, or narrow the list with a prefix.",
  });
}
