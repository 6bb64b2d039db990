import { NAMESPACE_HEADER } from "../../wire/names.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { externalService } from "./external-service.js";
import type { Surrounding } from "./worker-part.js";

const KV_MODULE = "kvasir:kv";

/**
 * Each namespace is a wrapped binding around workerd's own. All namespaces lead to the API's endpoint, with the
 * namespace's id in a header that code cannot set.
 */
export const kvNamespaces: Surrounding = ({ kvNamespaces: bound }, { endpoint }) => ({
  bindings: bound.map(({ binding, id }) => ({
    name: binding,
    wrapped: {
      moduleName: KV_MODULE,
      innerBindings: [
        { name: "native", kvNamespace: { name: namespaceServiceName(id) } },
        { name: "http", service: { name: namespaceServiceName(id) } },
      ],
    },
  })),
  services: bound.map(({ id }) =>
    externalService(namespaceServiceName(id), endpoint, { [NAMESPACE_HEADER]: id }),
  ),
  internalModules:
    bound.length === 0 ? [] : [{ name: KV_MODULE, esModule: runtimeModule("kv-binding").body }],
});

/** The service that reaches a namespace. */
export function namespaceServiceName(id: string): string {
  return `namespace:${id}`;
}
