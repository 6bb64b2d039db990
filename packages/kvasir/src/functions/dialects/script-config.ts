import { basename } from "node:path";
import { shownId } from "../../http/uuid-form.js";
import { ownNamespace } from "../config/telnyx-config.js";
import { MANIFEST_NAMES } from "../config/telnyx-manifest.js";
import type { KvBinding, WorkerConfig } from "../config/worker-config.js";
import type { FunctionBuild } from "./function-dialect.js";
import type { FunctionShape } from "./function-shape.js";

/** The binding of a function whose config declares no namespace. */
const OWN_BINDING = "KV";

/**
 * A function's settings with the defaults of its dialect. Handler and Express-style functions get a namespace
 * without declaring one (`kv`, `kvGet`). They also get Node's modules, because they were written for Node.
 */
export function scriptConfig(config: WorkerConfig, { dialect }: FunctionShape): WorkerConfig {
  if (dialect === "worker") return config;
  const { kvNamespaces, compatibilityFlags } = config;
  const own: KvBinding = { ...ownNamespace(config.name, OWN_BINDING), valueEncoding: "auto" };
  return {
    ...config,
    kvNamespaces: kvNamespaces.length === 0 ? [own] : kvNamespaces,
    compatibilityFlags: compatibilityFlags.some((flag) => /^(no_)?nodejs_compat/.test(flag))
      ? compatibilityFlags
      : [...compatibilityFlags, "nodejs_compat"],
  };
}

/** Whether the function's config is a func.toml or a telnyx.toml. */
export function hasTelnyxManifest({ configPath }: WorkerConfig): boolean {
  return configPath !== undefined && MANIFEST_NAMES.includes(basename(configPath));
}

/** The settings for the function's runtime (runtime/handler/settings.ts). */
export function scriptSettings({ config, shape, requestTimeoutMs }: FunctionBuild): object {
  return {
    entry: shape.entry,
    namespaces: config.kvNamespaces.map(({ binding, id }) => ({ binding, id: shownId(id) })),
    ttlUnit: config.kvNamespaces[0]?.ttlUnit ?? "s",
    timeoutMs: requestTimeoutMs,
  };
}
