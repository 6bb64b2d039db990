import { basename } from "node:path";
import { shownId } from "../../wire/namespace-id-forms.js";
import type { FunctionShape } from "../bundle/function-shape.js";
import { ownNamespace } from "../config/telnyx-config.js";
import { MANIFEST_NAMES } from "../config/telnyx-manifest.js";
import type { KvBinding, WorkerConfig } from "../config/worker-config.js";
import type { FunctionBuild } from "./function-dialect.js";

/** The binding of a function whose config names no namespace. */
const OWN_BINDING = "KV";

/**
 * A function's settings with what its dialect brings: functions that are no Workers have a namespace without asking
 * (`kv`, `kvGet`), and Node's modules, which they were written with in mind.
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

/** Whether a function's settings are in a func.toml or telnyx.toml. */
export function hasTelnyxManifest({ configPath }: WorkerConfig): boolean {
  return configPath !== undefined && MANIFEST_NAMES.includes(basename(configPath));
}

/** What the function's runtime is told (runtime/handler/settings.ts). */
export function scriptSettings({ config, shape, requestTimeoutMs }: FunctionBuild): object {
  return {
    entry: shape.entry,
    namespaces: config.kvNamespaces.map(({ binding, id }) => ({ binding, id: shownId(id) })),
    ttlUnit: config.kvNamespaces[0]?.ttlUnit ?? "s",
    timeoutMs: requestTimeoutMs,
  };
}
