import { KvError } from "../errors.js";
import type { KVNamespace, KvExtensions, WorkersKV } from "../kv-namespace.js";
import { isExtended, type KVBinding } from "../typed/binding.js";

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
}

/**
 * @returns the binding, as what it is
 * @throws TypeError when it is no KVNamespace
 */
export function recipeBinding(binding: KVBinding, recipe: string): RecipeBinding {
  assertNamespace(binding, recipe);
  return { kv: binding as WorkersKV, atomic: isExtended(binding) ? binding : undefined };
}

/**
 * The binding of a recipe that would promise something false without atomic operations.
 *
 * @throws KvError `atomics_required` on a plain Workers KV binding
 * @throws TypeError when it is no KVNamespace
 */
export function atomicBinding(binding: KVBinding, recipe: string): KVNamespace {
  const { atomic } = recipeBinding(binding, recipe);
  if (atomic !== undefined) return atomic;
  throw new KvError("atomics_required", `${recipe} needs a namespace with atomic operations.`, {
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
