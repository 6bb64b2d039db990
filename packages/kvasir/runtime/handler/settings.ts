/** What the generated modules tell a function's runtime. */
export interface ScriptSettings {
  /** Where in the user's module the function is. */
  readonly entry: "default" | "handler" | "bare-handler" | "events";
  /** The first one is what preludes and `kv` work on. */
  readonly namespaces: readonly ScriptNamespace[];
  /** Of `kv.set(key, value, ttl)`. */
  readonly ttlUnit: "s" | "ms";
}

export interface ScriptNamespace {
  readonly binding: string;
  /** As the Telnyx API shows it. */
  readonly id: string;
}
