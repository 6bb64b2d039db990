import { NAMESPACES_HEADER } from "../../wire/names.js";
import type { OwnService } from "../modules/function-dialect.js";
import type { FunctionService } from "../modules/function-service.js";
import { externalService } from "./external-service.js";
import { namespaceServiceName } from "./kv-namespaces.js";
import type { Surrounding } from "./worker-part.js";

/** The services that the runtime of a dialect uses, beside the user's bindings. */
export const ownServices: Surrounding = (service, { endpoint }) => {
  const ids = service.kvNamespaces.map(({ id }) => id).join(",");
  return {
    bindings: service.services.map((own) => ({
      name: `kvasir:${own}`,
      service: { name: ownServiceName(service, own) },
    })),
    // The first namespace is not listed: it has a service already.
    services: service.services.flatMap((own) => {
      const name = ownServiceName(service, own);
      if (own === "files") {
        return [{ name, disk: { path: service.root, writable: false, allowDotfiles: false } }];
      }
      if (own === "telnyx") return [externalService(name, endpoint, { [NAMESPACES_HEADER]: ids })];
      return [];
    }),
  };
};

function ownServiceName(service: FunctionService, own: OwnService): string {
  const [first] = service.kvNamespaces;
  if (own === "values" && first !== undefined) return namespaceServiceName(first.id);
  return `${own}:${service.name}`;
}
