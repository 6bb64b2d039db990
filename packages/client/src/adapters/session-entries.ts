import { recipeBinding } from "../recipes/shared/binding.js";
import { sha256Hex } from "../recipes/shared/digest.js";
import { recipeKey } from "../recipes/shared/key.js";
import { SPAN_SECONDS_MAX } from "../recipes/shared/limits.js";
import type { OptionNames } from "../recipes/shared/option-names.js";
import {
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
  wholeNumber,
} from "../recipes/shared/options.js";
import { storeTtl } from "../recipes/shared/store-ttl.js";
import type { KVBinding } from "../typed/binding.js";

export interface SessionEntriesOptions extends RecipeOptions {
  /** How long a session that does not say it itself is kept after its last change. @default 86_400, a day */
  readonly ttlSeconds?: number | undefined;
  /** @default "session:" */
  readonly prefix?: string | undefined;
}

export const SESSION_ENTRIES_OPTION_NAMES: OptionNames<SessionEntriesOptions> = {
  ...RECIPE_OPTION_NAMES,
  ttlSeconds: true,
};

/** A stored session: `[end in milliseconds since the epoch, data]`. */
type Stored = readonly [untilMs: number, data: unknown];

/**
 * The sessions of another library, one entry for each. A key has the SHA-256 of the session's id, so that a reader of
 * the store, a backup or a list of keys finds no id to send as a cookie.
 */
export class SessionEntries {
  readonly #kv: ReturnType<typeof recipeBinding>["kv"];
  readonly #atomic: ReturnType<typeof recipeBinding>["atomic"];
  readonly #prefix: string;
  readonly #nowMs: () => number;
  readonly #ttlMs: number;

  /** @throws KvError `option_invalid`, `atomics_required` */
  constructor(
    kv: KVBinding,
    { name, options }: { readonly name: string; readonly options: SessionEntriesOptions },
    optionNames: OptionNames<SessionEntriesOptions>,
  ) {
    const binding = recipeBinding(kv, { name, options, optionNames });
    this.#kv = binding.kv;
    this.#atomic = binding.atomic;
    const { prefix, nowMs } = surroundings(options, "session:");
    this.#prefix = prefix;
    this.#nowMs = nowMs;
    const { ttlSeconds = 86_400 } = options;
    this.#ttlMs = wholeNumber("ttlSeconds", ttlSeconds, { min: 1, max: SPAN_SECONDS_MAX }) * 1000;
  }

  /** The data of a session that has not ended. One request. */
  async read(id: string): Promise<unknown> {
    return this.#dataOf(await this.#kv.get(await this.#key(id)));
  }

  /** One request. A session that has ended already is removed instead. */
  async write(id: string, data: unknown, endMs?: number): Promise<void> {
    const key = await this.#key(id);
    const nowMs = this.#nowMs();
    const untilMs = endMs ?? nowMs + this.#ttlMs;
    if (untilMs <= nowMs) return this.#kv.delete(key);
    const text = JSON.stringify([untilMs, data] satisfies Stored);
    await this.#kv.put(key, text, { expirationTtl: storeTtl((untilMs - nowMs) / 1000) });
  }

  /**
   * Prolongs a session with the data that are stored. A session that was removed meanwhile stays so, if the namespace
   * has conditions. Two requests.
   */
  async prolong(id: string, data: (stored: unknown) => unknown, endMs?: number): Promise<void> {
    const key = await this.#key(id);
    if (this.#atomic === undefined) {
      const stored = this.#dataOf(await this.#kv.get(key));
      if (stored !== undefined) await this.write(id, data(stored), endMs);
      return;
    }
    const { value, version } = await this.#atomic.getWithMetadata(key, { type: "text", version: true });
    const stored = this.#dataOf(value);
    if (stored === undefined || version === null) return;
    const untilMs = endMs ?? this.#nowMs() + this.#ttlMs;
    // Another request has changed the session meanwhile: then it was prolonged by that.
    await this.#atomic.put(key, JSON.stringify([untilMs, data(stored)] satisfies Stored), {
      expirationTtl: storeTtl((untilMs - this.#nowMs()) / 1000),
      ifVersion: version,
    });
  }

  /** One request. */
  async remove(id: string): Promise<void> {
    await this.#kv.delete(await this.#key(id));
  }

  /** The data of all sessions. One request for each, and one for each 1,000. */
  async *all(): AsyncGenerator<{ readonly key: string; readonly data: unknown }, void> {
    for (let cursor: string | undefined, complete = false; !complete; ) {
      const page = await this.#kv.list({ prefix: this.#prefix, cursor });
      for (const { name } of page.keys) {
        const data = this.#dataOf(await this.#kv.get(name));
        if (data !== undefined) yield { key: name, data };
      }
      complete = page.list_complete;
      cursor = page.list_complete ? undefined : page.cursor;
    }
  }

  /** Removes all sessions. */
  async clear(): Promise<void> {
    for await (const { key } of this.all()) await this.#kv.delete(key);
  }

  async #key(id: string): Promise<string> {
    return recipeKey(this.#prefix, await sha256Hex(JSON.stringify(id)));
  }

  /** `undefined` if there is no session: none was stored, it has ended, or another program wrote the entry. */
  #dataOf(text: string | null): unknown {
    if (text === null) return undefined;
    try {
      const stored = JSON.parse(text) as Stored;
      return Array.isArray(stored) && stored[0] > this.#nowMs() ? stored[1] : undefined;
    } catch {
      return undefined;
    }
  }
}
