import type { KVBinding } from "../../typed/binding.js";
import type { StandardSchemaV1 } from "../../typed/standard-schema.js";
import { type AtomicBinding, type Guarantee, recipeBinding } from "../binding.js";
import { clientKeyParts } from "../client-key.js";
import { untilUncontended } from "../contention.js";
import { recipeKey } from "../key.js";
import type { OptionNames } from "../option-names.js";
import {
  invalidOption,
  nonEmptyText,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  type RecipeSurroundings,
  surroundings,
} from "../options.js";
import { storeErrorChoice } from "../store-errors.js";
import { Choices, type ChosenPreferences, conditionFailed } from "./choices.js";
import { type JsonObject, jsonObject } from "./json-value.js";
import { mergePatch, without } from "./merge.js";
import { PreferencesForm } from "./preferences-form.js";

export interface PreferencesOptions<Value extends object> extends RecipeOptions {
  /** @default "preferences:" */
  readonly prefix?: string | undefined;
  /** What holds for whoever chose nothing else. It is not stored, so that a new default reaches everybody. */
  readonly defaults: Value;
  /** What preferences have to be, defaults included: a validator of Zod, Valibot, ArkType or another Standard Schema. */
  readonly schema?: StandardSchemaV1<unknown, Value> | undefined;
  /**
   * What `get` answers while the store is away: the defaults, or a rejection with `unavailable`. Changes reject in any
   * case.
   *
   * @default "defaults"
   */
  readonly onStoreError?: "defaults" | "throw" | undefined;
}

type WithoutDefaults = Omit<PreferencesOptions<Record<string, unknown>>, "defaults">;

/** As RFC 7396 has it: what it does not name stays, `null` goes back to the default. */
export type MergePatch<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: MergePatch<Value[Name]> | null | undefined }
    : Value;

/** Someone's preferences. */
export interface CurrentPreferences<Value> {
  /** The defaults, with what they chose in their place. */
  readonly value: Value;
  /** `default`: the store was away, and nobody knows what they chose. */
  readonly source: "store" | "default";
  /** For `ifVersion`; `null` when nothing is stored, and on a plain binding. */
  readonly version: number | null;
}

export interface PreferencesWriteOptions {
  /** Only if nothing changed since this version was read (`null`: if nothing is stored). Needs atomic operations. */
  readonly ifVersion?: number | null | undefined;
}

/** What {@link preferences} makes. */
export interface Preferences<Value extends object, G extends Guarantee = Guarantee> {
  readonly guarantee: G;
  /** One request. @throws KvError `unavailable` while the store is away, with `onStoreError: "throw"` */
  get(userId: string): Promise<CurrentPreferences<Value>>;
  /**
   * Changes some: a JSON Merge Patch. Two patches at the same moment are both made. Two requests, plus two for each time
   * that somebody else went first.
   *
   * @throws KvError `value_invalid` when the result is not what the schema asks for; `value_too_large` over 64 KiB;
   *   `condition_failed`; `contended`
   */
  patch(
    userId: string,
    patch: MergePatch<Value>,
    options?: PreferencesWriteOptions,
  ): Promise<CurrentPreferences<Value>>;
  /**
   * Chooses anew: everything that is not in `value` is the default. One request.
   *
   * @throws KvError `value_invalid`, `value_too_large`, `condition_failed`
   */
  set(
    userId: string,
    value: Partial<Value>,
    options?: PreferencesWriteOptions,
  ): Promise<CurrentPreferences<Value>>;
  /** Back to the defaults, all (one request) or what lies at the path, such as `["editor", "fontSize"]` (as `patch`). */
  reset(userId: string, path?: readonly string[]): Promise<CurrentPreferences<Value>>;
}

/**
 * Preferences by user: what they chose is stored, and what they did not choose is the default of today.
 *
 * With Kvasir's atomic operations no change is lost. On a plain Workers KV binding of two changes at the same moment
 * the later may undo the earlier, and a read elsewhere may be a minute old. When the answer to a change is lost on the
 * way (`connect()`), it may have been made; making it again does no harm.
 *
 * A stored choice that the schema no longer takes counts as not made, so that a new schema locks nobody out.
 *
 * @example
 * const settings = preferences(env.PREFERENCES, { defaults: { theme: "light", mail: { weekly: true } } });
 * await settings.patch("ada", { mail: { weekly: false } });
 * const { value } = await settings.get("ada"); // { theme: "light", mail: { weekly: false } }
 *
 * @throws KvError `option_invalid`, `value_invalid`
 * @throws TypeError when the first argument is no KVNamespace
 */
export function preferences(
  kv: AtomicBinding,
  options?: WithoutDefaults,
): Preferences<Record<string, unknown>, "atomic">;
export function preferences(kv: KVBinding, options?: WithoutDefaults): Preferences<Record<string, unknown>>;
export function preferences<Value extends object>(
  kv: AtomicBinding,
  options: PreferencesOptions<Value>,
): Preferences<Value, "atomic">;
export function preferences<Value extends object>(
  kv: KVBinding,
  options: PreferencesOptions<Value>,
): Preferences<Value>;
export function preferences<Value extends object>(
  kv: KVBinding,
  options: Partial<PreferencesOptions<Value>> = {},
): Preferences<Value> {
  const {
    kv: namespace,
    atomic,
    access,
  } = recipeBinding(kv, {
    name: "preferences",
    options,
    optionNames: OPTION_NAMES,
  });
  const { defaults = {}, schema } = options;
  const form = new PreferencesForm<Value>(jsonObject(defaults, "defaults"), schema);
  const onStoreError = storeErrorChoice(options.onStoreError, ["defaults", "throw"]);
  const isDefault = (error: unknown) => onStoreError === "defaults" && access.isTrouble(error);
  const around = { ...surroundings(options, "preferences:"), isDefault };
  return new KvPreferences(new Choices(namespace, atomic), form, around);
}

const OPTION_NAMES: OptionNames<Partial<PreferencesOptions<object>>> = {
  ...RECIPE_OPTION_NAMES,
  defaults: true,
  schema: true,
  onStoreError: true,
};

interface PreferencesSurroundings extends RecipeSurroundings {
  /** Whether a read that failed so is answered with the defaults. */
  readonly isDefault: (error: unknown) => boolean;
}

class KvPreferences<Value extends object> implements Preferences<Value> {
  readonly guarantee: Guarantee;
  readonly #choices: Choices;
  readonly #form: PreferencesForm<Value>;
  readonly #surroundings: PreferencesSurroundings;

  constructor(choices: Choices, form: PreferencesForm<Value>, around: PreferencesSurroundings) {
    this.guarantee = choices.guarantee;
    this.#choices = choices;
    this.#form = form;
    this.#surroundings = around;
  }

  async get(userId: string): Promise<CurrentPreferences<Value>> {
    const key = await this.#key(userId);
    try {
      const { own, version } = await this.#choices.read(key);
      const { value } = await this.#form.fitting(own);
      return { value, version, source: "store" };
    } catch (error) {
      if (!this.#surroundings.isDefault(error)) throw error;
      return { value: await this.#form.checked({}), version: null, source: "default" };
    }
  }

  async patch(
    userId: string,
    patch: MergePatch<Value>,
    options: PreferencesWriteOptions = {},
  ): Promise<CurrentPreferences<Value>> {
    const change = jsonObject(patch, "patch");
    return this.#change(userId, options, (own) => mergePatch(own, change) as JsonObject);
  }

  async set(
    userId: string,
    value: Partial<Value>,
    { ifVersion }: PreferencesWriteOptions = {},
  ): Promise<CurrentPreferences<Value>> {
    const own = jsonObject(value, "value");
    const key = await this.#key(userId);
    this.#choices.checkCondition(ifVersion);
    const checked = await this.#form.checked(own);
    const version = await this.#choices.write(key, own, ifVersion);
    if (version === undefined) throw conditionFailed(ifVersion);
    return { value: checked, version, source: "store" };
  }

  async reset(userId: string, path?: readonly string[]): Promise<CurrentPreferences<Value>> {
    if (path !== undefined) {
      if (!Array.isArray(path) || path.length === 0)
        throw invalidOption("path", path, "names, outermost first");
      for (const name of path) nonEmptyText("path", name);
      return this.#change(userId, {}, (own) => without(own, path));
    }
    await this.#choices.remove(await this.#key(userId));
    return { value: await this.#form.checked({}), version: null, source: "store" };
  }

  async #change(
    userId: string,
    { ifVersion }: PreferencesWriteOptions,
    change: (own: JsonObject) => JsonObject,
  ): Promise<CurrentPreferences<Value>> {
    const key = await this.#key(userId);
    this.#choices.checkCondition(ifVersion);
    const attempt = async () => {
      const read: ChosenPreferences = await this.#choices.read(key);
      if (ifVersion !== undefined && read.version !== ifVersion) throw conditionFailed(ifVersion);
      const own = change((await this.#form.fitting(read.own)).own);
      const value = await this.#form.checked(own);
      const version = await this.#choices.write(key, own, read.version);
      return version === undefined ? undefined : { result: { value, version, source: "store" as const } };
    };
    return untilUncontended(JSON.stringify(key), attempt, this.#surroundings);
  }

  async #key(userId: string): Promise<string> {
    return recipeKey(this.#surroundings.prefix, ...(await clientKeyParts(nonEmptyText("userId", userId))));
  }
}
