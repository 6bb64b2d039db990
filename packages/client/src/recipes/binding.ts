import { KvError } from "../namespace/errors.js";
import type { KVNamespace, KvExtensions, WorkersKV } from "../namespace/kv-namespace.js";
import { isExtended, type KVBinding } from "../typed/binding.js";
import { assertKnownOptions } from "./known-options.js";
import { STORE_TIMEOUT_MS, TIMER_MS_MAX } from "./limits.js";
import type { OptionNames } from "./option-names.js";
import { invalidOption, type RecipeOptions, wholeNumber } from "./options.js";
import { type StoreAccess, storeAccess } from "./store-access.js";
import { systemTimer } from "./timer.js";

/**
 * What a recipe promises under concurrency: with `atomic` its guarantee holds whoever else reads and writes; with
 * `best-effort`, on a plain Workers KV binding, two that act at the same moment may undo each other.
 */
export type Guarantee = "atomic" | "best-effort";

/** What is known of a binding's guarantee from its type: Kvasir's own is atomic, a plain one may turn out to be either. */
export type GuaranteeOf<Binding> = Binding extends KvExtensions ? "atomic" : Guarantee;

/** A binding that has Kvasir's atomic operations, which some recipes cannot do without. */
export type AtomicBinding = KVBinding & KvExtensions;

/** A binding as what it is: `atomic` is there when it has Kvasir's atomic operations. */
export interface RecipeBinding {
  readonly kv: WorkersKV;
  readonly atomic: KVNamespace | undefined;
  /** Knows which errors were the store's. */
  readonly access: StoreAccess;
}

/** Who asks for a binding, and with which options. */
export interface Recipe<Options> {
  /** As a program calls it. */
  readonly name: string;
  readonly options: Options;
  readonly optionNames: OptionNames<Options>;
}

/**
 * Where every recipe begins: checks the binding and the options that all recipes share.
 *
 * @returns the binding, as what it is
 * @throws KvError `option_invalid` for an option that the recipe does not have; `atomics_required`
 * @throws TypeError when it is no KVNamespace
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
 * The binding of what would promise something false without atomic operations.
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
