import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { assertAtomic, type Guarantee, type GuaranteeOf, recipeBinding } from "../shared/binding.js";
import { jsonText } from "../shared/json.js";
import { keyPart } from "../shared/key.js";
import { SPAN_SECONDS_MAX } from "../shared/limits.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  numberBetween,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
} from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import type { Conditions } from "./conditions.js";
import type { FlagDecision, FlagSource } from "./decision.js";
import { type FlagDefinition, parseFlag } from "./definition.js";
import { FlagEntries, type FlagEntry, type NamedFlag } from "./flag-entries.js";
import { type FlagSet, flagSet, type KnownFlag, type Widened } from "./flag-set.js";
import { REQUIRED_LEVELS_MAX } from "./limits.js";
import { RememberedFlags } from "./remembered.js";
import { type ParsedSegments, parseSegments } from "./rule.js";
import type { FlagUser } from "./user.js";

export interface FlagsOptions extends RecipeOptions {
  /** Definitions of flags that are not stored. A stored definition replaces the default one completely. */
  readonly defaults?: Readonly<Record<string, FlagDefinition>> | undefined;
  /**
   * Groups of users that rules name, for example `{ staff: [{ email: { endsWith: "@example.com" } }] }`. A user is in a
   * group if one of its alternatives holds.
   *
   * @default none
   */
  readonly segments?: Readonly<Record<string, readonly Conditions[]>> | undefined;
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

/** Names of flags: those of the defaults, which editors complete, and any other. */
type Name<Defaults> = (keyof Defaults & string) | (string & Record<never, never>);

/** The variants of a flag as its default has them. Any text for other flags. */
type VariantOf<Defaults, FlagName> = FlagName extends keyof Defaults
  ? Defaults[FlagName] extends { readonly variants: infer Variants }
    ? keyof Variants & string
    : string
  : string;

/** @typeParam Defaults the definitions that the recipe was created with, whose names and variants are known */
export interface Flags<G extends Guarantee = Guarantee, Defaults = Record<never, never>> {
  /**
   * `atomic`: `update` never overwrites an edit that its author has not seen.
   * Decisions are the same on all bindings.
   */
  readonly guarantee: G;
  /**
   * Whether the user has the flag, or `otherwise` if the flag does not exist. At
   * most one request. @default false
   */
  isEnabled(name: Name<Defaults>, user?: FlagUser, otherwise?: boolean): Promise<boolean>;
  /**
   * The user's variant, or `otherwise` if there is none: the flag is missing, off for the user, or has no
   * variants. At most one request.
   */
  variant<FlagName extends Name<Defaults>>(
    name: FlagName,
    user?: FlagUser,
  ): Promise<VariantOf<Defaults, FlagName> | null>;
  variant<FlagName extends Name<Defaults>, Otherwise>(
    name: FlagName,
    user: FlagUser | undefined,
    otherwise: Otherwise,
  ): Promise<VariantOf<Defaults, FlagName> | Otherwise>;
  /**
   * The user's value, or `otherwise` if there is none of its kind: the flag is missing or off for the user, has no
   * value, or one of another type. At most one request, and one for each level of flags that the flag requires.
   */
  value<Otherwise>(
    name: Name<Defaults>,
    user: FlagUser | undefined,
    otherwise: Otherwise,
  ): Promise<Widened<Otherwise>>;
  /** The decision and its reason. At most one request. */
  evaluate(name: Name<Defaults>, user?: FlagUser): Promise<FlagDecision>;
  /** Reads several flags. One request for each hundred that are not cached. */
  load(names: readonly string[]): Promise<FlagSet>;

  /**
   * Yields the names of flags as they change, from now on, and forgets what this object remembers of them.
   *
   * @throws KvError `atomics_required` on plain Workers KV
   */
  changes(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<string>;

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
export function flags<
  Binding extends KVBinding,
  const Defaults extends Readonly<Record<string, FlagDefinition>> = Record<never, never>,
>(
  kv: Binding,
  options: FlagsOptions & { readonly defaults?: Defaults | undefined } = {},
): Flags<GuaranteeOf<Binding>, Defaults> {
  const binding = recipeBinding(kv, { name: "flags", options, optionNames: FLAGS_OPTION_NAMES });
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

  const segments = parseSegments(options.segments);

  async function read(names: readonly string[]): Promise<FlagSet> {
    const found = new Map<string, KnownFlag>();
    let unread = [...new Set(names)];
    for (let level = 0; unread.length > 0 && level <= REQUIRED_LEVELS_MAX; level++) {
      await readInto(found, unread);
      const required = unread.flatMap((name) => [...(found.get(name)?.flag?.requires.keys() ?? [])]);
      unread = [...new Set(required)].filter((name) => !found.has(name));
    }
    return flagSet(found, segments);
  }

  async function readInto(found: Map<string, KnownFlag>, names: readonly string[]): Promise<void> {
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
  }

  async function* changes({ signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    const atomic = assertAtomic(binding.atomic, "flags.changes()");
    const since = await atomic.position();
    for await (const { key } of atomic.watch({ prefix, since, signal })) {
      const name = keyPart(key.slice(prefix.length));
      remembered.forget(name);
      yield name;
    }
  }

  return {
    guarantee: (binding.atomic === undefined ? "best-effort" : "atomic") as GuaranteeOf<Binding>,
    load: read,
    evaluate: async (name, user) => (await read([name])).evaluate(name, user),
    isEnabled: async (name, user, otherwise) => (await read([name])).isEnabled(name, user, otherwise),
    variant: async <Otherwise>(name: string, user?: FlagUser, otherwise?: Otherwise) =>
      (await read([name])).variant(name, user, otherwise as Otherwise),
    value: async (name, user, otherwise) => (await read([name])).value(name, user, otherwise),
    changes,

    get: (name) => entries.getVersioned(name),
    list: () => entries.list(),
    async set(name, definition) {
      await write(name, (key) => binding.kv.put(key, definitionText(name, definition, segments)));
    },
    async update(name, definition, { version }) {
      const atomic = assertAtomic(binding.atomic, "flags.update()");
      const condition = version === null ? ({ ifAbsent: true } as const) : { ifVersion: version };
      const written = await write(name, (key) =>
        atomic.put(key, definitionText(name, definition, segments), condition),
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

export const FLAGS_OPTION_NAMES: OptionNames<FlagsOptions> = {
  ...RECIPE_OPTION_NAMES,
  defaults: true,
  segments: true,
  cacheTtlSeconds: true,
  onStoreError: true,
};

function definitionText(name: string, definition: FlagDefinition, segments: ParsedSegments): string {
  for (const segment of parseFlag(name, definition).rules.flatMap((rule) => rule.segments ?? [])) {
    if (!segments.has(segment)) {
      throw invalidOption(
        `segment of the flag ${JSON.stringify(name)}`,
        segment,
        "names of the option segments",
      );
    }
  }
  return jsonText(definition, `The flag ${JSON.stringify(name)}`);
}
