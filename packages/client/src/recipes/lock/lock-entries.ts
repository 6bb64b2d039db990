import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { recipeKey } from "../key.js";
import { storeTtl } from "../store-ttl.js";
import { CLOCK_DIFFERENCE_SECONDS, OWNER_SECONDS } from "./limits.js";

/** Who holds a lock, as the store has it. */
export interface Holder {
  readonly owner: string;
  readonly fencingToken: number;
  /** By the holder's clock. */
  readonly untilMs: number;
  /** `null` when the deadline is no longer there: it is long past. */
  readonly untilVersion: number | null;
}

export interface Term {
  readonly owner: string;
  readonly untilMs: number;
  readonly ttlSeconds: number;
}

/**
 * A lock is two entries: its owner, whose version is the fencing token, and the deadline. Were they one, each renewal
 * would change the token, and a write that checks it would fail whenever it meets a renewal.
 */
export class LockEntries {
  /** Of the owner's entry: what `check(key, fencingToken)` names. */
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

  /** Two entries, read at one moment. */
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
   * Takes the lock, provided that its holder is still the one that was seen, and has not renewed since.
   *
   * @returns the fencing token; `null` when somebody else went first
   */
  async take(term: Term, seen: Holder | null): Promise<number | null> {
    const atomic = this.#kv.atomic().check(this.key, seen?.fencingToken ?? null);
    if (seen !== null) atomic.check(this.#untilKey, seen.untilVersion);
    return this.#write(atomic.put(this.key, term.owner, { expirationTtl: OWNER_SECONDS }), term);
  }

  /**
   * A new deadline. With `restamp` the owner is written again as well, which makes a new fencing token.
   *
   * @returns the fencing token; `null` when the lock is another's
   */
  async renew(fencingToken: number, term: Term, restamp: boolean): Promise<number | null> {
    const atomic = this.#kv.atomic().check(this.key, fencingToken);
    if (restamp) atomic.put(this.key, term.owner, { expirationTtl: OWNER_SECONDS });
    const version = await this.#write(atomic, term);
    return version !== null && !restamp ? fencingToken : version;
  }

  /** @returns whether it was still the owner's */
  async release(fencingToken: number): Promise<boolean> {
    const atomic = this.#kv.atomic().check(this.key, fencingToken);
    return (await atomic.delete(this.key).delete(this.#untilKey).commit()).ok;
  }

  async #write(atomic: ReturnType<KVNamespace["atomic"]>, { untilMs, ttlSeconds }: Term) {
    const expirationTtl = storeTtl(ttlSeconds + CLOCK_DIFFERENCE_SECONDS);
    return (await atomic.put(this.#untilKey, String(untilMs), { expirationTtl }).commit()).version;
  }
}
