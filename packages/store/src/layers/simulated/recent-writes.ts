import { KvError } from "@kvasir/client/namespace";
import type { Clock } from "../../store/clock.js";
import { BoundedMap } from "./bounded-map.js";
import type { Draw } from "./draw.js";
import { STALE_MS_MAX, WRITE_INTERVAL_MS, WRITES_REMEMBERED_MAX } from "./limits.js";
import { askedOf } from "./question.js";

/**
 * The times of the last write and creation of keys. A key that was just written refuses another write, and a
 * new key is not listed yet.
 */
export class RecentWrites {
  readonly #clock: Clock;
  readonly #draw: Draw;
  readonly #writtenMs = new BoundedMap<number>(WRITES_REMEMBERED_MAX);
  readonly #createdMs = new BoundedMap<number>(WRITES_REMEMBERED_MAX);

  constructor({ clock, draw }: { readonly clock: Clock; readonly draw: Draw }) {
    this.#clock = clock;
    this.#draw = draw;
  }

  /**
   * Allows one write of each key, or refuses all of them.
   *
   * @throws KvError `rate_limited`
   */
  admit(ids: readonly string[]): void {
    const nowMs = this.#clock.nowMs();
    if (ids.some((id) => nowMs - (this.#writtenMs.get(id) ?? -Infinity) < WRITE_INTERVAL_MS)) {
      // Workers KV's words. In a Worker they become "KV PUT failed: 429 Too Many Requests".
      throw new KvError("rate_limited", "Too Many Requests", {
        hint: "A hosted KV takes one write a second to one key: write less often, or to several keys.",
      });
    }
    for (const id of ids) this.#writtenMs.set(id, nowMs);
  }

  /** A failed write does not count. */
  failed(ids: readonly string[]): void {
    for (const id of ids) this.#writtenMs.delete(id);
  }

  created(id: string): void {
    this.#createdMs.set(id, this.#clock.nowMs());
  }

  /** Whether lists do not show the key yet. */
  isUnlisted(id: string): boolean {
    const createdMs = this.#createdMs.get(id);
    if (createdMs === undefined) return false;
    const ageMs = this.#clock.nowMs() - createdMs;
    return ageMs < this.#draw(askedOf(id), createdMs) * STALE_MS_MAX;
  }

  forgetPrefix(prefix: string): void {
    this.#writtenMs.deletePrefix(prefix);
    this.#createdMs.deletePrefix(prefix);
  }
}
