import { type KVNamespace, TTL_SECONDS_MIN } from "@kvasir/client/namespace";
import { KvNamespace } from "./edge-runtime.js";

/**
 * A namespace of `env` in `@telnyx/edge-runtime`. Telnyx's own calls mean what they mean there. Calls and methods that
 * Telnyx does not have are those of the binding, under the rules of Workers KV.
 */
export function boundNamespace(namespaceId: string, binding: KVNamespace): KvNamespace {
  const namespace = new BoundNamespace(namespaceId, binding);
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(binding));
  const methods = names.flatMap((name) => {
    if (name in namespace) return [];
    const method = (binding as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
    return [[name, { value: method?.bind(binding), writable: true, configurable: true }] as const];
  });
  return Object.defineProperties(namespace, Object.fromEntries(methods));
}

type Call = (...args: unknown[]) => Promise<never>;

/** Calls with options or types that Telnyx does not support go to the binding. */
class BoundNamespace extends KvNamespace {
  readonly #binding: Readonly<Record<"get" | "put" | "delete" | "list", Call>>;

  constructor(namespaceId: string, binding: KVNamespace) {
    super(namespaceId);
    this.#binding = binding as unknown as Readonly<Record<"get" | "put" | "delete" | "list", Call>>;
  }

  override get(...args: Parameters<KvNamespace["get"]>): Promise<unknown> {
    const [key, options] = args;
    const { type = "text" } = options ?? {};
    const isTelnyx = typeof key === "string" && hasOnly(options, ["type"]) && ["text", "json"].includes(type);
    return isTelnyx ? super.get(...args) : this.#binding.get(...args);
  }

  override put(...args: Parameters<KvNamespace["put"]>): Promise<void> {
    const [, value, options] = args;
    const { metadata, expirationTtl = TTL_SECONDS_MIN } = options ?? {};
    // Only Telnyx supports a shorter TTL, so its rule applies: metadata is accepted and not stored.
    const keepsMetadata = metadata !== undefined && expirationTtl >= TTL_SECONDS_MIN;
    const isTelnyx =
      typeof value === "string" && hasOnly(options, ["expirationTtl", "metadata"]) && !keepsMetadata;
    return isTelnyx ? super.put(...args) : this.#binding.put(...args);
  }

  override delete(...args: [key: string, options?: unknown]): Promise<void> {
    return hasOnly(args[1], []) ? super.delete(args[0]) : this.#binding.delete(...args);
  }

  override list(...args: Parameters<KvNamespace["list"]>): ReturnType<KvNamespace["list"]> {
    const isTelnyx = hasOnly(args[0], ["prefix", "limit", "cursor"]);
    return isTelnyx ? super.list(...args) : this.#binding.list(...args);
  }
}

/**
 * Whether options contain only these names. The index passed by `keys.map(kv.delete, kv)` counts as no
 * options.
 */
function hasOnly(options: unknown, names: readonly string[]): boolean {
  if (typeof options === "string") return false;
  return Object.entries(options ?? {}).every(([name, value]) => value === undefined || names.includes(name));
}
