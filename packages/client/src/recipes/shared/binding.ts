import { KvError } from "../../namespace/errors.js";
import type { KVNamespace, KvExtensions, WorkersKV } from "../../namespace/kv-namespace.js";
import { isExtended, type KVBinding } from "../../typed/binding.js";
import { assertKnownOptions } from "./known-options.js";
import { STORE_TIMEOUT_MS, TIMER_MS_MAX } from "./limits.js";
import type { OptionNames } from "./option-names.js";
import { invalidOption, type RecipeOptions, wholeNumber } from "./options.js";
import { type StoreAccess, storeAccess } from "./store-access.js";
import { systemTimer } from "./timer.js";

/**
 * What a recipe guarantees under concurrency. `atomic`: its guarantee holds regardless of other readers and
 * writers. `best-effort`, on a plain Workers KV binding: two concurrent operations may undo each other.
 */
export type Guarantee = "atomic" | "best-effort";

/**
 * The guarantee that the type of a binding implies. Kvasir's own binding is atomic; a plain
 * one may be either at run time.
 */
export type GuaranteeOf<Binding> = Binding extends KvExtensions ? "atomic" : Guarantee;

/** A binding with Kvasir's atomic operations, which some recipes require. */
export type AtomicBinding = KVBinding & KvExtensions;

/** A checked binding. `atomic` is set if the binding has Kvasir's atomic operations. */
export interface RecipeBinding {
  readonly kv: WorkersKV;
  readonly atomic: KVNamespace | undefined;
  /** Distinguishes errors of the store from other errors. */
  readonly access: StoreAccess;
}

/** The recipe that checks a binding, and its options. */
export interface Recipe<Options> {
  /** The name of its function in a program. */
  readonly name: string;
  readonly options: Options;
  readonly optionNames: OptionNames<Options>;
}

/**
 * The first step of every recipe: checks the binding and the options that all recipes share.
 *
 * @returns the checked binding
 * @throws KvError `option_invalid` for an option that the recipe does not have; `atomics_required`
 * @throws TypeError if the binding is not a KVNamespace
 */
export function recipeBinding<Options extends RecipeOptions>(
  binding: KVBinding,
  { name, options, optionNames }: Recipe<Options>,
): RecipeBinding {
  assertNamespace(binding, name);
  assertKnownOptions(name, options, optionNames);
  const { require } = options;
  if (require !== undefined && require !== "atomic") throw invalidOption("require", require, '"atomic"');
  if (require === "atomic") assertAtomic(isExtended(binding) ? binding : undefined, name);
  const access = storeAccess({
    recipe: name,
    timeoutMs: wholeNumber("timeoutMs", options.timeoutMs ?? STORE_TIMEOUT_MS, { min: 1, max: TIMER_MS_MAX }),
    timer: options.timer ?? systemTimer,
    onOutage: options.onOutage,
  });
  const watched = access.watched(binding);
  return { kv: watched as WorkersKV, atomic: isExtended(watched) ? watched : undefined, access };
}

/**
 * Checks a binding for a recipe that could not keep its promise without atomic operations.
 *
 * @throws KvError `atomics_required` on a plain Workers KV binding
 */
export function assertAtomic(atomic: KVNamespace | undefined, what: string): KVNamespace {
  if (atomic !== undefined) return atomic;
  throw new KvError("atomics_required", `${what} needs a namespace with atomic operations.`, {
    hint: "This binding is a plain Workers KV one. Use a binding of `kvasir dev` or `kvasir serve`, connect(), or open() of @kvasir/store.",
  });
}

function assertNamespace(binding: unknown, recipe: string): void {
  for (const method of ["get", "put", "delete", "list"]) {
    if (typeof (binding as Record<string, unknown> | null | undefined)?.[method] === "function") continue;
    throw new TypeError(
      `${recipe} needs a KVNamespace as its first argument, such as env.MY_KV; it got ${typeof binding}.`,
    );
  }
}
