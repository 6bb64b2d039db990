import type { Clock } from "@kvasir/store";
import { BOOKMARK_MS, BOOKMARKED_LISTS_MAX, BOOKMARKS_MAX } from "./limits.js";

/** A position in a list of keys. */
export interface Bookmark {
  /** The number of keys before it. */
  readonly offset: number;
  /** `undefined` means the start. */
  readonly cursor: string | undefined;
}

const START: Bookmark = { offset: 0, cursor: undefined };

/** Positions in lists. They are dropped after a while, or when there are too many. */
export class Bookmarks {
  readonly #clock: Clock;
  /** The lists by name, each with its positions by offset. Both are in the order of the last addition. */
  readonly #lists = new Map<
    string,
    Map<number, { readonly cursor: string | undefined; readonly takenMs: number }>
  >();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last known position that is not after `offset`. */
  nearest(list: string, offset: number): Bookmark {
    const freshMs = this.#clock.nowMs() - BOOKMARK_MS;
    let best = START;
    for (const [at, { cursor, takenMs }] of this.#lists.get(list) ?? []) {
      if (at <= offset && at > best.offset && takenMs > freshMs) best = { offset: at, cursor };
    }
    return best;
  }

  add(list: string, { offset, cursor }: Bookmark): void {
    const places = this.#lists.get(list) ?? new Map();
    // Removed first, so that the list added to last is dropped last.
    this.#lists.delete(list);
    this.#lists.set(list, places);
    places.delete(offset);
    places.set(offset, { cursor, takenMs: this.#clock.nowMs() });
    dropOldest(places, BOOKMARKS_MAX);
    dropOldest(this.#lists, BOOKMARKED_LISTS_MAX);
  }
}

function dropOldest<Key>(map: Map<Key, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
