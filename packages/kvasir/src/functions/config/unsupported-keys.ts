/**
 * Keys that change what a Worker does and that Kvasir does not support. wrangler's other keys are harmless
 * here.
 */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "ai",
  "analytics_engine_datasets",
  "assets",
  "browser",
  "containers",
  "d1_databases",
  "dispatch_namespaces",
  "durable_objects",
  "hyperdrive",
  "images",
  "mtls_certificates",
  "pipelines",
  "queues",
  "r2_buckets",
  "secrets_store_secrets",
  "send_email",
  "services",
  "site",
  "tail_consumers",
  "unsafe",
  "vectorize",
  "version_metadata",
  "workflows",
]);

/** One warning that lists the unsupported keys of a config. `undefined` if there are none. */
export function warnOfUnsupportedKeys(where: string, config: object): string | undefined {
  const named = Object.entries(config)
    .filter(([key, value]) => UNSUPPORTED.has(key) && !isEmpty(value))
    .map(([key]) => key);
  if (named.length === 0) return undefined;
  const [subject, verb] = named.length === 1 ? ["this key", "is"] : ["these keys", "are"];
  return `${where}: Kvasir does not support ${subject}, which ${verb} ignored: ${named.join(", ")}. Code that uses such a binding finds it undefined.`;
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || value === null;
}
