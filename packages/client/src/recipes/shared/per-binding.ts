import type { KVBinding } from "../../typed/binding.js";

/**
 * Creates one recipe for each binding object and returns the same recipe for the same binding. A Worker gets
 * its bindings with each request. A recipe that was created for each request would lose its memory:
 * computations in flight, flags that were read. Bindings are referenced weakly.
 *
 * Without an annotation of its parameter, `make` gets a binding with the operations of Workers KV.
 *
 * @example
 * const cacheOf = perBinding((kv) => cache(kv, { ttlSeconds: 60 }));
 * app.use(responseCache((c: Context<Env>) => cacheOf(c.env.CACHE)));
 */
export function perBinding<Binding extends object = KVBinding, Recipe = unknown>(
  make: (binding: Binding) => Recipe,
): (binding: Binding) => Recipe {
  const made = new WeakMap<Binding, { readonly recipe: Recipe }>();
  return (binding) => {
    let kept = made.get(binding);
    if (kept === undefined) {
      kept = { recipe: make(binding) };
      made.set(binding, kept);
    }
    return kept.recipe;
  };
}
