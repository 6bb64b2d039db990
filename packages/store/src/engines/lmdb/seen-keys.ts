import type { Key } from "../../store/entry.js";

/** Whether bytes of a damaged key may have been no UTF-8, so that others took their place when it was decoded. */
export function hasReplacement(key: Key): boolean {
  return key.includes("\ufffd");
}

/** What one iteration came across, in its direction. */
export class SeenKeys {
  first: Key | null = null;
  last: Key | null = null;
  #damaged: Key | null = null;
  /** The neighbors of the damaged key. */
  #before: Key | null = null;
  #behind: Key | null = null;

  add(key: Key, intact: boolean): void {
    if (this.#damaged !== null && this.last === this.#damaged) this.#behind = key;
    if (!intact) {
      this.#damaged = key;
      this.#before = this.last;
      this.#behind = null;
    }
    this.first ??= key;
    this.last = key;
  }

  /** Whether a later iteration that starts after `key` goes on where this one was: a damaged key may lead elsewhere. */
  canContinueAfter(key: Key, { reverse }: { readonly reverse: boolean }): boolean {
    if (key !== this.#damaged) return true;
    if (hasReplacement(key)) return false;
    const follows = (a: Key | null, b: Key | null) =>
      a === null || b === null || Buffer.from(a).compare(Buffer.from(b)) < 0 !== reverse;
    return follows(this.#before, key) && follows(key, this.#behind);
  }
}
