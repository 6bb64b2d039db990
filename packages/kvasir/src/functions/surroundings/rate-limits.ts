import { RATE_LIMIT_HEADER } from "../../wire/names.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { externalService } from "./external-service.js";
import type { Surrounding } from "./worker-part.js";

const RATE_LIMIT_MODULE = "kvasir:rate-limit";

/** Rate limit bindings. Those of the same `namespace_id` share their counters, also over several Workers. */
export const rateLimits: Surrounding = ({ rateLimits: bound }, { endpoint }) => ({
  bindings: bound.map(({ binding, namespaceId, limit, periodSeconds }) => ({
    name: binding,
    wrapped: {
      moduleName: RATE_LIMIT_MODULE,
      innerBindings: [
        { name: "fetcher", service: { name: serviceName(namespaceId) } },
        { name: "limit", json: JSON.stringify(limit) },
        { name: "period", json: JSON.stringify(periodSeconds) },
      ],
    },
  })),
  services: bound.map(({ namespaceId }) =>
    externalService(serviceName(namespaceId), endpoint, {
      // The id may be any text, and a header not.
      [RATE_LIMIT_HEADER]: Buffer.from(namespaceId).toString("base64url"),
    }),
  ),
  internalModules:
    bound.length === 0 ? [] : [{ name: RATE_LIMIT_MODULE, esModule: runtimeModule("rate-limit").body }],
});

function serviceName(namespaceId: string): string {
  return `rate-limit:${namespaceId}`;
}
