import { ANALYTICS_ENGINE, HYPERDRIVE, type UnsupportedBinding } from "../../wire/absent-binding.js";

/** The keys that bind something that Kvasir does not have, with wrangler's names for what they bind. */
const KINDS: Readonly<Record<string, string>> = {
  agent_memory: "Agent Memory",
  ai: "AI",
  ai_search: "AI Search Instance",
  ai_search_namespaces: "AI Search Namespace",
  analytics: "Analytics SQL",
  analytics_engine_datasets: ANALYTICS_ENGINE,
  artifacts: "Artifacts",
  browser: "Browser Run",
  d1_databases: "D1 Database",
  dispatch_namespaces: "Dispatch Namespace",
  flagship: "Flagship",
  hyperdrive: HYPERDRIVE,
  images: "Images",
  k2: "K2 Stream",
  media: "Media",
  mtls_certificates: "mTLS Certificate",
  pipelines: "Pipeline",
  queues: "Queue",
  r2_buckets: "R2 Bucket",
  secrets_store_secrets: "Secrets Store Secret",
  send_email: "Send Email",
  stream: "Stream",
  unsafe: "Unsafe Metadata",
  unsafe_hello_world: "Hello World",
  vectorize: "Vectorize Index",
  vpc_networks: "VPC Network",
  vpc_services: "VPC Service",
  worker_loaders: "Worker Loader",
  workflows: "Workflow",
};

/** Whether a key of the config makes members of `env` that fail. */
export function bindsUnsupported(key: string): boolean {
  return Object.hasOwn(KINDS, key);
}

/** The bindings of a config that Kvasir does not have. Values of an unexpected form bind nothing. */
export function unsupportedBindings(keys: object): readonly UnsupportedBinding[] {
  return Object.entries(keys).flatMap(([key, value]) => {
    const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
    if (kind === undefined) return [];
    return boundIn(value).flatMap((entry) => {
      const name = entry["binding"] ?? entry["name"];
      // Kvasir has rate limits, also those of the older form.
      return typeof name !== "string" || entry["type"] === "ratelimit" ? [] : [{ name, kind }];
    });
  });
}

type Entry = Readonly<Record<string, unknown>>;

/** A list of bindings, a single one, or an object with a list of them. */
function boundIn(value: unknown): readonly Entry[] {
  if (Array.isArray(value)) return value.filter(isEntry);
  if (!isEntry(value)) return [];
  const list = value["producers"] ?? value["bindings"];
  return list === undefined ? [value] : boundIn(list);
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
