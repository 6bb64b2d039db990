import type { Clock, Mutation, PutInput, Store } from "@kvasir/store";
import { readCounter } from "./counter.js";
import { CACHE_FILL_AFTER_EVICTION, EVICTION_LEASE_MS } from "./limits.js";
import { evictOldest } from "./oldest-responses.js";
import { RESPONSES } from "./transient-store.js";

/**
 * Counts the bytes of all writes since the last eviction, on top of what that left. It never counts less than
 * what is stored: responses that expired or were replaced still count.
 */
const WRITTEN = "written";
/** Held by the process that evicts. */
const LEASE = "evicting";

export interface ResponseWrite extends Omit<PutInput, "contentType"> {
  readonly key: string;
  /** What the response counts. */
  readonly bytes: number;
}

export interface EvictionOptions {
  readonly clock: Clock;
  /** Most bytes of all responses. */
  readonly bytesMax: number;
}

/**
 * Bounds the bytes of all responses. When the counter passes the bound, one process adds up what is really
 * stored, and deletes the responses that were written longest ago.
 *
 * An index by age would cost two more rows for each write. Adding up costs a pass over the keys and headers,
 * not over the bodies, once for each tenth of the cache that is written.
 */
export class Eviction {
  readonly #options: EvictionOptions;
  #evicting: Promise<void> | null = null;
  /** What this process has written since it last reclaimed the space of replaced responses. */
  #unreclaimedBytes = 0;

  constructor(options: EvictionOptions) {
    this.#options = options;
  }

  /** Resolves when this process is not evicting. Writers wait for it, so that they cannot outrun it. */
  async finished(): Promise<void> {
    await this.#evicting;
  }

  /** Writes a response, then evicts if that is necessary. */
  async write(store: Store, { key, bytes, ...input }: ResponseWrite): Promise<void> {
    await store.entries.commit(
      RESPONSES,
      [],
      [{ type: "put", key, contentType: null, ...input }, counted(bytes)],
    );
    this.#unreclaimedBytes += bytes;
    const { bytesMax } = this.#options;
    if ((await readCounter(store, RESPONSES, WRITTEN)) <= bytesMax && this.#unreclaimedBytes <= bytesMax)
      return;
    this.#evicting ??= this.#evict(store).finally(() => {
      this.#evicting = null;
    });
    await this.#evicting;
  }

  async #evict(store: Store): Promise<void> {
    const { bytesMax } = this.#options;
    const written = await readCounter(store, RESPONSES, WRITTEN);
    if (written > bytesMax && (await this.#takeLease(store))) {
      try {
        const kept = await evictOldest(store, bytesMax * CACHE_FILL_AFTER_EVICTION);
        await store.entries.commit(RESPONSES, [], [counted(kept - written)]);
      } finally {
        await store.entries.delete(RESPONSES, LEASE);
      }
    }
    if (this.#unreclaimedBytes <= bytesMax) return;
    this.#unreclaimedBytes = 0;
    // Otherwise replaced responses could take many times the bound until their readers have had their time.
    await store.maintenance.sweep?.({ evenIfRead: true });
  }

  /** Expires by itself, in case this process is killed meanwhile. */
  async #takeLease(store: Store): Promise<boolean> {
    const expirationMs = this.#options.clock.nowMs() + EVICTION_LEASE_MS;
    const input = { value: Buffer.alloc(0), expirationMs, metadata: null, contentType: null };
    return (await store.entries.put(RESPONSES, LEASE, input, null)).ok;
  }
}

function counted(by: number): Mutation {
  return { type: "increment", key: WRITTEN, by, expirationMs: null };
}
