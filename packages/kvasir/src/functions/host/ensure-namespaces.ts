import { KvError } from "@kvasir/client/namespace";
import type { WorkerConfig } from "../config/function-config.js";
import type { StartFunctionsOptions } from "./running-functions.js";

/** Creates the namespaces that a config names, unless they exist or `ensured` has them. */
export async function ensureNamespaces(
  { name, kvNamespaces }: Pick<WorkerConfig, "name" | "kvNamespaces">,
  ensureNamespace: StartFunctionsOptions["ensureNamespace"],
  ensured: Set<string> = new Set(),
): Promise<void> {
  for (const { id, binding, title = `${name}-${binding}`, valueEncoding } of kvNamespaces) {
    if (ensured.has(id)) continue;
    ensured.add(id);
    const attributes: Record<string, string> =
      valueEncoding === undefined ? {} : { value_encoding: valueEncoding };
    try {
      await ensureNamespace(id, title, attributes);
    } catch (error) {
      if (!(error instanceof KvError) || error.code !== "namespace_exists") throw error;
      // The title belongs to another namespace, for example because the id in the config was changed.
      await ensureNamespace(id, `${title} ${id}`, attributes);
    }
  }
}
