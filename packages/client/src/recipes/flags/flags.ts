import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { assertAtomic, type Guarantee, type GuaranteeOf, recipeBinding } from "../shared/binding.js";
import { jsonText } from "../shared/json.js";
import { SPAN_SECONDS_MAX } from "../shared/limits.js";
import type { OptionNames } from "../shared/option-names.js";
import { numberBetween, RECIPE_OPTION_NAMES, type RecipeOptions, surroundings } from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import type { FlagDecision, FlagSource } from "./decision.js";
import { type FlagDefinition, parseFlag } from "./definition.js";
import { FlagEntries, type FlagEntry, type NamedFlag } from "./flag-entries.js";
import { type FlagSet, flagSet, type KnownFlag } from "./flag-set.js";
import { RememberedFlags } from "./remembered.js";
import type { FlagUser } from "./user.js";

export interface FlagsOptions extends RecipeOptions {
  /** Definitions of flags that are not stored. A stored definition replaces the default one completely. */
  readonly defaults?: Readonly<Record<string, FlagDefinition>> | undefined;
  /**
   * How long a definition is cached in memory, in seconds. Other processes may see a change that much later.
   * This object sees its own changes at once. @default 0
   */
  readonly cacheTtlSeconds?: number | undefined;
  /**
   * Behaviour while the store is unavailable. `last-known`: decides by the definition that this process read
   * last, otherwise by `defaults`; otherwise the flag is missing. `throw`: rejects with `unavailable`.
   * Changes, `get` and `list` always reject.
   *
   * @default "last-known"
   */
  readonly onStoreError?: "last-known" | "throw" | undefined;
  /** @default "flag:" */
  readonly prefix?: string | undefined;
}

export interface Flags<G extends Guarantee = Guarantee> {
  /**
   * `atomic`: `update` never overwrites an edit that its author has not seen.
   * Decisions are the same on all bindings.
   */
  readonly guarantee: G;
  /**
   * Whether the user has the flag, or `otherwise` if the flag does not exist. At
   * most one request. @default false
   */
  isEnabled(name: string, user?: FlagUser, otherwise?: boolean): Promise<boolean>;
  /**
   * The user's variant, or `otherwise` if there is none: the flag is missing, off for the user, or has no
   * variants. At most one request.
   */
  variant(name: string, user?: FlagUser): Promise<string | null>;
  variant<Otherwise>(
    name: string,
    user: FlagUser | undefined,
    otherwise: Otherwise,
  ): Promise<string | Otherwise>;
  /** The decision and its reason. At most one request. */
  evaluate(name: string, user?: FlagUser): Promise<FlagDecision>;
  /** Reads several flags. One request for each hundred that are not cached. */
  load(names: readonly string[]): Promise<FlagSet>;

  /** The stored definition. One request. */
  get(name: string): Promise<NamedFlag | null>;
  /** All stored flags, by name. One request for each 1,000; on plain Workers KV one more for each hundred. */
  list(): Promise<readonly NamedFlag[]>;
  /** Stores a definition unconditionally. One request. */
  set(name: string, definition: FlagDefinition): Promise<void>;
  /**
   * Stores a definition if the flag has not changed since it was read. One request.
   *
   * @returns the new version
   * @throws KvError `condition_failed` if it has changed; `atomics_required` on plain Workers KV
   */
  update(
    name: string,
    definition: FlagDefinition,
    options: { /** As read; `null`: there is none yet. */ readonly version: number | null },
  ): Promise<number>;
  /** Deletes the stored definition. The default one applies then, or the flag is missing. One request. */
  delete(name: string): Promise<void>;
}

/**
 * Feature flags: on or off, by percentage, for some users, by attribute, in variants.
 *
 * @throws KvError `option_invalid`
 * @example
 * const features = flags(env.FLAGS, { cacheTtlSeconds: 10 });
 * await features.set("new-checkout", { rollout: 10, allow: ["ada"] });
 * if (await features.isEnabled("new-checkout", user.id)) return newCheckout(request);
 */
export function flags<Binding extends KVBinding>(
  kv: Binding,
  options: FlagsOptions = {},
): Flags<GuaranteeOf<Binding>> {
  const binding = recipeBinding(kv, { name: "flags", options, optionNames: OPTION_NAMES });
  const { prefix, nowMs } = surroundings(options, "flag:");
  const entries = new FlagEntries(binding, prefix);
  const ttlSeconds = numberBetween("cacheTtlSeconds", options.cacheTtlSeconds ?? 0, {
    min: 0,
    max: SPAN_SECONDS_MAX,
  });
  const remembered = new RememberedFlags(ttlSeconds, nowMs);
  const onStoreError = storeErrorChoice(options.onStoreError, ["last-known", "throw"]);
  const defaults = new Map(
    Object.entries(options.defaults ?? {}).map(([name, definition]) => [name, parseFlag(name, definition)]),
  );

  async function read(names: readonly string[]): Promise<FlagSet> {
    const found = new Map<string, KnownFlag>();
    const know = (name: string, entry: FlagEntry | null | undefined, source: FlagSource) =>
      found.set(name, { flag: entry?.flag ?? defaults.get(name) ?? null, source });
    const unread = new Set<string>();
    for (const name of names) {
      const entry = remembered.get(name);
      if (entry === undefined) unread.add(name);
      else know(name, entry, "memory");
    }
    try {
      const reading = remembered.beginRead();
      for (const [name, entry] of await entries.read([...unread])) {
        remembered.set(name, entry, reading);
        know(name, entry, "store");
      }
    } catch (error) {
      if (onStoreError === "throw" || !binding.access.isTrouble(error)) throw error;
      for (const name of unread) {
        const entry = remembered.lastKnown(name);
        know(name, entry, entry === undefined ? "default" : "memory");
      }
    }
    return flagSet(found);
  }

  return {
    guarantee: (binding.atomic === undefined ? "best-effort" : "atomic") as GuaranteeOf<Binding>,
    load: read,
    evaluate: async (name, user) => (await read([name])).evaluate(name, user),
    isEnabled: async (name, user, otherwise) => (await read([name])).isEnabled(name, user, otherwise),
    variant: async <Otherwise>(name: string, user?: FlagUser, otherwise?: Otherwise) =>
      (await read([name])).variant(name, user, otherwise as Otherwise),

    get: (name) => entries.getVersioned(name),
    list: () => entries.list(),
    async set(name, definition) {
      await write(name, (key) => binding.kv.put(key, definitionText(name, definition)));
    },
    async update(name, definition, { version }) {
      const atomic = assertAtomic(binding.atomic, "flags.update()");
      const condition = version === null ? ({ ifAbsent: true } as const) : { ifVersion: version };
      const written = await write(name, (key) =>
        atomic.put(key, definitionText(name, definition), condition),
      );
      if (written.ok && written.version !== null) return written.version;
      throw new KvError(
        "condition_failed",
        `The flag ${JSON.stringify(name)} was changed by somebody else.`,
        {
          hint: "Read it again with get(), look at what changed, and update that version.",
        },
      );
    },
    async delete(name) {
      await write(name, (key) => binding.kv.delete(key));
    },
  };

  async function write<Result>(name: string, change: (key: string) => Promise<Result>): Promise<Result> {
    const key = entries.key(name);
    try {
      return await change(key);
    } finally {
      // Also after an error: if the response was lost, the change may have been made.
      remembered.forget(name);
    }
  }
}

const OPTION_NAMES: OptionNames<FlagsOptions> = {
  ...RECIPE_OPTION_NAMES,
  defaults: true,
  cacheTtlSeconds: true,
  onStoreError: true,
};

function definitionText(name: string, definition: FlagDefinition): string {
  parseFlag(name, definition);
  return jsonText(definition, `The flag ${JSON.stringify(name)}`);
}
