import type { Key } from "../../store/entry.js";

/** Whether a damaged key may have held bytes that are not UTF-8, which decoding replaces. */
export function hasReplacement(key: Key): boolean {
  return key.includes("\ufffd");
}

/** What one iteration has seen, in its direction. */
export class SeenKeys {
  first: Key | null = null;
  last: Key | null = null;
  #damaged: Key | null = null;
  /** The neighbours of the damaged key. */
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

  /**
   * Whether a later iteration that starts after `key` would continue at the same place. A damaged key may
   * lead elsewhere.
   */
  canContinueAfter(key: Key, { reverse }: { readonly reverse: boolean }): boolean {
    if (key !== this.#damaged) return true;
    if (hasReplacement(key)) return false;
    const follows = (a: Key | null, b: Key | null) =>
      a === null || b === null || Buffer.from(a).compare(Buffer.from(b)) < 0 !== reverse;
    return follows(this.#before, key) && follows(key, this.#behind);
  }
}
