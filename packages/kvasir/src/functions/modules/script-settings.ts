import { shownId } from "../../wire/namespace-id-forms.js";
import type { FunctionBuild } from "./function-dialect.js";

/** The settings for the function's runtime (runtime/handler/settings.ts). */
export function scriptSettings({ config, shape, requestTimeoutMs }: FunctionBuild): object {
  return {
    entry: shape.entry,
    namespaces: config.kvNamespaces.map(({ binding, id }) => ({ binding, id: shownId(id) })),
    ttlUnit: config.kvNamespaces[0]?.ttlUnit ?? "s",
    timeoutMs: requestTimeoutMs,
  };
}
