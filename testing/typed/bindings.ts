import type { KVBinding, KVNamespace } from "@kvasir/client";

/** A namespace with only the five methods of Workers KV, as Cloudflare's own, without the extensions. */
export function plainWorkersKv(namespace: KVNamespace): KVBinding {
  return only(namespace, ["get", "getWithMetadata", "put", "delete", "list"]);
}

/** A binding from before bulk reads, which converts an array to a single key. */
export function withoutBulkReads(namespace: KVNamespace): KVBinding {
  const plain = plainWorkersKv(namespace);
  return {
    ...plain,
    get: (key, options) => plain.get(String(key), options),
    getWithMetadata: (key, options) => plain.getWithMetadata(String(key), options),
  };
}

/** A binding that drops integer-like keys from the result of a bulk read, as Cloudflare's runtime does. */
export function droppingIntegerKeys(namespace: KVNamespace): KVBinding {
  const plain = plainWorkersKv(namespace);
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

/** The namespace, and a record of its calls: the method's name and its first argument. */
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

/** A binding on which every operation fails with `error`. */
export function failing(error: Error): KVBinding {
  const fail = () => Promise.reject(error);
  return { get: fail, getWithMetadata: fail, put: fail, delete: fail, list: fail };
}

function only(namespace: KVNamespace, methods: readonly (keyof KVBinding)[]): KVBinding {
  const bound = methods.map((method) => [method, (namespace[method] as () => unknown).bind(namespace)]);
  return Object.fromEntries(bound) as KVBinding;
}
