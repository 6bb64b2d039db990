import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { recipeKey } from "../shared/key.js";
import { storeTtl } from "../shared/store-ttl.js";
import { CLOCK_DIFFERENCE_SECONDS, OWNER_SECONDS } from "./limits.js";

/** The stored holder of a lock. */
export interface Holder {
  readonly owner: string;
  readonly fencingToken: number;
  /** In the time of the holder's clock. */
  readonly untilMs: number;
  /** `null` if the deadline's entry has expired, long after the deadline. */
  readonly untilVersion: number | null;
}

export interface Term {
  readonly owner: string;
  readonly untilMs: number;
  readonly ttlSeconds: number;
}

/**
 * A lock is two entries: its owner, whose version is the fencing token, and its deadline. With a single entry
 * each renewal would change the token, and every write that checks it would conflict with renewals.
 */
export class LockEntries {
  /** The key of the owner's entry, for `check(key, fencingToken)`. */
  readonly key: string;
  readonly #kv: KVNamespace;
  readonly #prefix: string;
  readonly #untilKey: string;

  constructor(kv: KVNamespace, prefix: string, name: string) {
    this.#kv = kv;
    this.#prefix = `${recipeKey(prefix, name)}:`;
    this.key = recipeKey(prefix, name, "owner");
    this.#untilKey = recipeKey(prefix, name, "until");
  }

  /** Reads both entries in one request, so that they belong together. */
  async read(): Promise<Holder | null> {
    const { keys } = await this.#kv.list({ prefix: this.#prefix, values: true, versions: true });
    const owner = keys.find(({ name }) => name === this.key);
    const until = keys.find(({ name }) => name === this.#untilKey);
    if (owner?.value === undefined || owner.version === undefined) return null;
    return {
      owner: owner.value,
      fencingToken: owner.version,
      untilMs: Number(until?.value) || 0,
      untilVersion: until?.version ?? null,
    };
  }

  /**
   * Takes the lock if its holder is still the one that was seen and has not renewed it since.
   *
   * @returns the fencing token; `null` if another caller was faster
   */
  async take(term: Term, seen: Holder | null): Promise<number | null> {
    const atomic = this.#kv.atomic().check(this.key, seen?.fencingToken ?? null);
    if (seen !== null) atomic.check(this.#untilKey, seen.untilVersion);
    return this.#write(atomic.put(this.key, term.owner, { expirationTtl: OWNER_SECONDS }), term);
  }

  /**
   * Writes a new deadline. With `restamp` the owner's entry is written again too,
   * which changes the fencing token.
   *
   * @returns the fencing token; `null` if another owner has the lock
   */
  async renew(fencingToken: number, term: Term, restamp: boolean): Promise<number | null> {
    const atomic = this.#kv.atomic().check(this.key, fencingToken);
    if (restamp) atomic.put(this.key, term.owner, { expirationTtl: OWNER_SECONDS });
    const version = await this.#write(atomic, term);
    return version !== null && !restamp ? fencingToken : version;
  }

  /** @returns whether this owner still held the lock */
  async release(fencingToken: number): Promise<boolean> {
    const atomic = this.#kv.atomic().check(this.key, fencingToken);
    return (await atomic.delete(this.key).delete(this.#untilKey).commit()).ok;
  }

  async #write(atomic: ReturnType<KVNamespace["atomic"]>, { untilMs, ttlSeconds }: Term) {
    const expirationTtl = storeTtl(ttlSeconds + CLOCK_DIFFERENCE_SECONDS);
    return (await atomic.put(this.#untilKey, String(untilMs), { expirationTtl }).commit()).version;
  }
}
