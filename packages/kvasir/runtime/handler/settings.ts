/** Settings that the generated modules pass to a function's runtime. */
export interface ScriptSettings {
  /** Where the function is in the user's module. */
  readonly entry: "default" | "handler" | "bare-handler" | "events";
  /** The namespaces of the function. Preludes and `kv` use the first one. */
  readonly namespaces: readonly ScriptNamespace[];
  /** Unit of the TTLs given to `kv.set(key, value, ttl)`. */
  readonly ttlUnit: "s" | "ms";
}

export interface ScriptNamespace {
  readonly binding: string;
  /** The id as shown by the Telnyx API. */
  readonly id: string;
}
