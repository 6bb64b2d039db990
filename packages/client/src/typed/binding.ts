import type { KVNamespace, WorkersKV } from "../namespace/kv-namespace.js";
import { BindingNotFoundError, ConfigError } from "./errors/failures.js";

/**
 * The part of a namespace that the typed client needs. Every KVNamespace has it: that of
 * `@cloudflare/workers-types`, `open().namespace()`, `connect()`, and a test double.
 */
export interface KVBinding {
  get(key: string, options: { type: "text" }): Promise<unknown>;
  getWithMetadata(key: string, options: { type: "text" }): Promise<unknown>;
  put(key: string, value: string, options?: object): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  list(options?: object): Promise<unknown>;
}

/**
 * Checks that a binding exists and is a KVNamespace.
 *
 * @throws BindingNotFoundError if there is none
 * @throws ConfigError if it is something else
 */
export function assertKVBinding(binding: unknown): asserts binding is WorkersKV {
  if (typeof binding !== "object" || binding === null) throw new BindingNotFoundError("KVNamespace");
  for (const method of ["get", "put", "delete", "list"]) {
    if (typeof (binding as Record<string, unknown>)[method] === "function") continue;
    throw new ConfigError(
      "Value does not appear to be a KVNamespace binding. " +
        "Ensure it is configured in wrangler.toml under [[kv_namespaces]].",
    );
  }
}

/**
 * Returns the binding with Kvasir's extensions of Workers KV. Call it before every use of one: Workers KV
 * would ignore a condition and overwrite the value.
 *
 * @throws ConfigError if the binding is not Kvasir's
 */
export function extended(binding: KVBinding, what: string): KVNamespace {
  if (isExtended(binding)) return binding;
  throw new ConfigError(
    `${what} needs a Kvasir namespace; this binding is a plain Workers KV one. ` +
      "Use a binding of `kvasir dev` or `kvasir serve`, connect(), or open() of @kvasir/store.",
  );
}

export function isExtended(binding: KVBinding): binding is KVBinding & KVNamespace {
  return "increment" in binding && typeof binding.increment === "function";
}
