import type { KVBinding } from "../../typed/binding.js";
import type { StandardSchemaV1 } from "../../typed/standard-schema.js";
import { type AtomicBinding, type Guarantee, recipeBinding } from "../shared/binding.js";
import { clientKeyParts } from "../shared/client-key.js";
import { untilUncontended } from "../shared/contention.js";
import { recipeKey } from "../shared/key.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  nonEmptyText,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  type RecipeSurroundings,
  surroundings,
} from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import { Choices, type ChosenPreferences, conditionFailed } from "./choices.js";
import { type JsonObject, jsonObject } from "./json-value.js";
import { mergePatch, without } from "./merge.js";
import { PreferencesForm } from "./preferences-form.js";

export interface PreferencesOptions<Value extends object> extends RecipeOptions {
  /** @default "preferences:" */
  readonly prefix?: string | undefined;
  /** The values of a user who has chosen nothing. They are not stored, so a new default reaches all users. */
  readonly defaults: Value;
  /**
   * Validates preferences and defaults: a schema of Zod, Valibot, ArkType or another Standard Schema library.
   */
  readonly schema?: StandardSchemaV1<unknown, Value> | undefined;
  /**
   * The result of `get` while the store is unavailable: the defaults, or a rejection with
   * `unavailable`. Changes always reject.
   *
   * @default "defaults"
   */
  readonly onStoreError?: "defaults" | "throw" | undefined;
}

type WithoutDefaults = Omit<PreferencesOptions<Record<string, unknown>>, "defaults">;

/** As in RFC 7396: members that are not named stay, `null` resets a member to its default. */
export type MergePatch<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: MergePatch<Value[Name]> | null | undefined }
    : Value;

/** The preferences of a user. */
export interface CurrentPreferences<Value> {
  /** The defaults overlaid with the user's choices. */
  readonly value: Value;
  /** `default`: the store was unavailable, so the user's choices are unknown. */
  readonly source: "store" | "default";
  /** Pass it as `ifVersion`. `null` if nothing is stored, and on a plain binding. */
  readonly version: number | null;
}

export interface PreferencesWriteOptions {
  /**
   * Writes only if nothing has changed since this version was read (`null`: only if nothing is
   * stored). Needs atomic operations.
   */
  readonly ifVersion?: number | null | undefined;
}

/** The result of {@link preferences}. */
export interface Preferences<Value extends object, G extends Guarantee = Guarantee> {
  readonly guarantee: G;
  /** One request. @throws KvError `unavailable` while the store is away, with `onStoreError: "throw"` */
  get(userId: string): Promise<CurrentPreferences<Value>>;
  /**
   * Changes some preferences with a JSON Merge Patch. Two concurrent patches are both applied. Two requests,
   * and two more for each concurrent change that came first.
   *
   * @throws KvError `value_invalid` if the schema rejects the result; `value_too_large` over 64 KiB;
   *   `condition_failed`; `contended`
   */
  patch(
    userId: string,
    patch: MergePatch<Value>,
    options?: PreferencesWriteOptions,
  ): Promise<CurrentPreferences<Value>>;
  /**
   * Replaces all choices: members that are not in `value` get their defaults. One request.
   *
   * @throws KvError `value_invalid`, `value_too_large`, `condition_failed`
   */
  set(
    userId: string,
    value: Partial<Value>,
    options?: PreferencesWriteOptions,
  ): Promise<CurrentPreferences<Value>>;
  /**
   * Resets all preferences (one request), or those at a path such as `["editor",
   * "fontSize"]` (requests as for `patch`).
   */
  reset(userId: string, path?: readonly string[]): Promise<CurrentPreferences<Value>>;
}

/**
 * Preferences by user. Only choices are stored. Everything else has the current default.
 *
 * With Kvasir's atomic operations no change is lost. On a plain Workers KV binding, one of two concurrent
 * changes may undo the other, and a read in another place may be a minute old. If the response to a change is
 * lost (`connect()`), the change may have been made. Repeating it does no harm.
 *
 * Stored choices that the schema no longer accepts are ignored, so that a new schema never breaks existing
 * users.
 *
 * @example
 * const settings = preferences(env.PREFERENCES, { defaults: { theme: "light", mail: { weekly: true } } });
 * await settings.patch("ada", { mail: { weekly: false } });
 * const { value } = await settings.get("ada"); // { theme: "light", mail: { weekly: false } }
 *
 * @throws KvError `option_invalid`, `value_invalid`
 * @throws TypeError if the first argument is not a KVNamespace
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
  /** Whether a read that failed with this error returns the defaults. */
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
