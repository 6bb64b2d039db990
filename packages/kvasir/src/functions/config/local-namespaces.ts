import type { KvBinding } from "./function-config.js";

/** The namespaces that a developer's machine uses: the preview namespaces where there are any, as in wrangler. */
export function localNamespaces(bindings: readonly KvBinding[]): readonly KvBinding[] {
  return bindings.map((binding) => ({ ...binding, id: binding.previewId ?? binding.id }));
}
