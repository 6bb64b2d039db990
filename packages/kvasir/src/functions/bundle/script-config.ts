import type { KvBinding, WorkerConfig } from "../config/function-config.js";
import { ownNamespace } from "../config/telnyx-config.js";
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
