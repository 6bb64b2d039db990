import type { KVBinding, KVNamespace } from "@kvasir/client";

/** The same namespace, reduced to the five methods of Workers KV. */
export function plainBinding(kv: KVNamespace): KVBinding {
  return {
    get: kv.get.bind(kv),
    getWithMetadata: kv.getWithMetadata.bind(kv),
    put: kv.put.bind(kv),
    delete: kv.delete.bind(kv),
    list: kv.list.bind(kv),
  };
}

/**
 * The same namespace, which adds each request to `calls`. An `atomic()` counts as one request, its `commit`.
 */
export function countedBinding<Target extends object>(target: Target, calls: string[]): Target {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const result: unknown = member.apply(target, args);
        if (result instanceof Promise) calls.push(String(name));
        return result === target || name === "atomic" ? countedBinding(result as object, calls) : result;
      };
    },
  });
}

/** The same namespace, with code that runs around each call of one method. */
export function interruptedBinding(
  kv: KVNamespace,
  method: "list" | "put" | "touch",
  { before, after }: { before?: () => Promise<unknown>; after?: () => Promise<unknown> },
): KVNamespace {
  return new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name !== method || typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        await before?.();
        const result: unknown = await member.apply(target, args);
        await after?.();
        return result;
      };
    },
  });
}
