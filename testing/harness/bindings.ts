import type { KVNamespace } from "@kvasir/client";
import type { KVBinding } from "@kvasir/client/typed";

/** The same namespace with the five methods of Workers KV and no extensions. */
export function plainBinding(kv: KVNamespace): KVBinding {
  return {
    get: kv.get.bind(kv),
    getWithMetadata: kv.getWithMetadata.bind(kv),
    put: kv.put.bind(kv),
    delete: kv.delete.bind(kv),
    list: kv.list.bind(kv),
  };
}

/** A binding from before bulk reads: it makes a key of an array, as of any other value. */
export function withoutBulkReads(namespace: KVNamespace): KVBinding {
  const plain = plainBinding(namespace);
  return {
    ...plain,
    get: (key, options) => plain.get(String(key), options),
    getWithMetadata: (key, options) => plain.getWithMetadata(String(key), options),
  };
}

/** A binding that drops integer-like keys from the result of a bulk read, as Cloudflare's runtime does. */
export function droppingIntegerKeys(namespace: KVNamespace): KVBinding {
  const plain = plainBinding(namespace);
  return {
    ...plain,
    async get(key, options) {
      const answer = await plain.get(key, options);
      if (answer instanceof Map)
        for (const name of answer.keys()) if (/^\d+$/.test(name)) answer.delete(name);
      return answer;
    },
  };
}

/** A binding that records each call: the method's name and its first argument. */
export function recorded(namespace: KVBinding): {
  binding: KVBinding;
  calls: [method: string, first: unknown][];
} {
  const calls: [string, unknown][] = [];
  const binding = new Proxy(namespace, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        calls.push([String(name), args[0]]);
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { binding, calls };
}

/** A binding whose operations all fail with this error. */
export function failing(error: Error): KVBinding {
  const fail = () => Promise.reject(error);
  return { get: fail, getWithMetadata: fail, put: fail, delete: fail, list: fail };
}

/**
 * The same namespace. It adds to `calls` the name of each method that makes a request; of `atomic()` that is its
 * `commit`.
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

/** The same namespace. It runs `before` and `after` around each call of one method. */
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
