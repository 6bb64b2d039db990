/**
 * Makes one recipe for each binding object and gives the same one for the same binding ever after. A Worker learns its
 * bindings with each request; a recipe that was made anew each time would forget what it knows between them (whom it
 * is computing for, which flags it has read). It holds no binding alive.
 *
 * @example
 * const cacheOf = perBinding((kv: KVNamespace) => cache(kv, { ttlSeconds: 60 }));
 * app.use(responseCache((c: Context<Env>) => cacheOf(c.env.CACHE)));
 */
export function perBinding<Binding extends object, Recipe>(
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
