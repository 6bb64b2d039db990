/**
 * The keys of wrangler's config, and what Kvasir does with each. A test compares this list with wrangler's
 * own schema. A key that is in none of these lists is reported as unexpected.
 */

/** What a value looks like. Only objects without `*` have a closed set of keys. */
export type Shape = Leaf | ListOf | OneOf | Members;
/**
 * `unsupported` marks a nested key that Kvasir does not act on. Its value is not checked. Text after `ignored: ` says
 * why, if what it does is not to make a binding.
 */
export type Leaf = "string" | "number" | "boolean" | "any" | "unsupported" | `ignored: ${string}`;
export type ListOf = readonly [Shape];
export interface OneOf {
  readonly oneOf: readonly Shape[];
}
/** `*` stands for any name. */
export interface Members {
  readonly [key: string]: Shape;
}

const STRINGS: Shape = ["string"];
const NAMED_STRINGS: Shape = { "*": "string" };
const ROUTE: Shape = {
  oneOf: [
    "string",
    {
      pattern: "string",
      zone_id: "string",
      zone_name: "string",
      custom_domain: "boolean",
      enabled: "boolean",
      previews_enabled: "boolean",
    },
  ],
};

const AS_SENT = "ignored: functions receive the request as the client sent it";

/** Values that build tools write, and that mean the same as no value. Paths are dotted. */
export const WRITTEN_DEFAULTS: Readonly<Record<string, unknown>> = { "dev.upstream_protocol": "http" };

/** Keys that Kvasir acts on. */
export const HONOURED: Members = {
  name: "string",
  main: "string",
  compatibility_date: "string",
  compatibility_flags: STRINGS,
  kv_namespaces: [{ binding: "string", id: "string", preview_id: "string", remote: "unsupported" }],
  vars: { "*": "any" },
  secrets: { required: STRINGS },
  rules: [{ type: "string", globs: STRINGS, fallthrough: "boolean" }],
  define: NAMED_STRINGS,
  alias: NAMED_STRINGS,
  build: { command: "string", cwd: "string", watch_dir: { oneOf: ["string", STRINGS] } },
  tsconfig: "string",
  jsx_factory: "string",
  jsx_fragment: "string",
  base_dir: "string",
  no_bundle: "boolean",
  find_additional_modules: "boolean",
  preserve_file_names: "boolean",
  minify: "boolean",
  keep_names: "boolean",
  dev: {
    ip: "string",
    port: "number",
    inspector_port: "number",
    inspector_ip: "string",
    local_protocol: "string",
    upstream_protocol: AS_SENT,
    host: AS_SENT,
    enable_containers: "boolean",
    container_engine: "any",
    generate_types: "ignored: run `kvasir types`",
  },
  text_blobs: NAMED_STRINGS,
  data_blobs: NAMED_STRINGS,
  wasm_modules: NAMED_STRINGS,
  site: { bucket: "string", "entry-point": "string", include: STRINGS, exclude: STRINGS },
  assets: {
    directory: "string",
    binding: "string",
    html_handling: "string",
    not_found_handling: "string",
    base_path: "string",
    run_worker_first: { oneOf: ["boolean", STRINGS] },
  },
  services: [
    {
      binding: "string",
      service: "string",
      entrypoint: "string",
      props: { "*": "any" },
      remote: "unsupported",
      // Service environments are gone from wrangler's schema, but older configs have them.
      environment: "string",
    },
  ],
  triggers: { crons: STRINGS, events: "unsupported" },
  ratelimits: [{ name: "string", namespace_id: "string", simple: { limit: "number", period: "number" } }],
  version_metadata: { binding: "string" },
  durable_objects: {
    bindings: [{ name: "string", class_name: "string", script_name: "string", environment: "string" }],
    code_update_strategy: "any",
  },
  migrations: [
    {
      tag: "string",
      new_classes: STRINGS,
      new_sqlite_classes: STRINGS,
      renamed_classes: [{ from: "string", to: "string" }],
      transferred_classes: [{ from: "string", from_script: "string", to: "string" }],
      deleted_classes: STRINGS,
    },
  ],
  exports: { "*": "any" },
  routes: [ROUTE],
  route: ROUTE,
};

/** Keys that concern a deployment, on which `wrangler dev` does not act either. */
export const HARMLESS: Members = {
  $schema: "string",
  account_id: "string",
  addresses: STRINGS,
  cache: { enabled: "boolean", cross_version_cache: "boolean" },
  cloudchamber: "any",
  compliance_region: "string",
  dependencies_instrumentation: { enabled: "boolean", exclude_packages: STRINGS },
  first_party_worker: "boolean",
  keep_vars: "boolean",
  limits: { cpu_ms: "number", subrequests: "number" },
  logfwdr: { bindings: [{ name: "string", destination: "string" }] },
  logpush: "boolean",
  observability: {
    enabled: "boolean",
    head_sampling_rate: "number",
    redact_query_string: "boolean",
    issues: { enabled: "boolean" },
    logs: {
      enabled: "boolean",
      head_sampling_rate: "number",
      invocation_logs: "boolean",
      persist: "boolean",
      destinations: STRINGS,
    },
    traces: {
      enabled: "boolean",
      head_sampling_rate: "number",
      persist: "boolean",
      destinations: STRINGS,
    },
  },
  placement: { mode: "string", hint: "string", region: "string", host: "string", hostname: "string" },
  preview_urls: "boolean",
  previews: "any",
  python_modules: { exclude: STRINGS },
  send_metrics: "boolean",
  upload_source_maps: "boolean",
  workers_dev: "boolean",
};

/** Bindings that Kvasir does not have. */
const MISSING_BINDINGS = [
  "agent_memory",
  "ai",
  "ai_search",
  "ai_search_namespaces",
  "analytics",
  "analytics_engine_datasets",
  "artifacts",
  "browser",
  "connect",
  "containers",
  "d1_databases",
  "dispatch_namespaces",
  "flagship",
  "hyperdrive",
  "images",
  "k2",
  "media",
  "mtls_certificates",
  "pipelines",
  "queues",
  "r2_buckets",
  "secrets_store_secrets",
  "send_email",
  "stream",
  "streaming_tail_consumers",
  "tail_consumers",
  "unsafe",
  "unsafe_hello_world",
  "vectorize",
  "vpc_networks",
  "vpc_services",
  "worker_loaders",
  "workflows",
];

/** Keys that change what a Worker does, and on which Kvasir does not act. */
export const UNSUPPORTED: ReadonlySet<string> = new Set([
  ...MISSING_BINDINGS,
  "access",
  "pages_build_output_dir",
]);

/** Keys that an environment does not inherit from the top level (wrangler: config/validation.ts). */
export const NOT_INHERITED: ReadonlySet<string> = new Set([
  ...MISSING_BINDINGS,
  "cloudchamber",
  "define",
  "durable_objects",
  "kv_namespaces",
  "ratelimits",
  "secrets",
  "services",
  "vars",
  "version_metadata",
]);

/** Keys that count at the top level only. */
export const TOP_LEVEL_ONLY: ReadonlySet<string> = new Set([
  "$schema",
  "addresses",
  "alias",
  "data_blobs",
  "dependencies_instrumentation",
  "dev",
  "env",
  "keep_vars",
  "pages_build_output_dir",
  "send_metrics",
  "site",
  "text_blobs",
  "wasm_modules",
]);

/** Keys that build tools write into the config to which `.wrangler/deploy/config.json` leads. */
export const WRITTEN_BY_TOOLS: ReadonlySet<string> = new Set([
  "configPath",
  "definedEnvironments",
  "targetEnvironment",
  "topLevelName",
  "userConfigPath",
]);

/** Keys of older versions of wrangler, and what to do with them. Paths are dotted. */
export const OUTDATED: Readonly<Record<string, string>> = {
  "build.upload": 'is from wrangler 1: name the entry module with "main", and module rules with "rules"',
  experimental_services: 'was renamed: use "services"',
  "kv-namespaces": 'was renamed: use "kv_namespaces"',
  legacy_env: "is gone from wrangler: remove it, environments work as with legacy_env = true",
  miniflare: "is from Miniflare 2: use the flags of `kvasir dev`",
  node_compat: 'is gone from wrangler: use "compatibility_flags": ["nodejs_compat"]',
  type: "is from wrangler 1: remove it, every Worker is bundled by esbuild",
  usage_model: "is gone from wrangler: remove it",
  webpack: "is from wrangler 1: remove it, every Worker is bundled by esbuild",
  webpack_config: "is from wrangler 1: remove it, every Worker is bundled by esbuild",
  zone_id: 'is from wrangler 1: give it in "routes", as { "pattern": "…", "zone_id": "…" }',
};
