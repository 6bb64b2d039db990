import { CACHE_CF_HEADER, CACHE_SCHEME_HEADER } from "../../wire/names.js";
import { externalService } from "./external-service.js";
import type { Surrounding } from "./worker-part.js";

const CACHE_SERVICE = "cache";

/** `caches.default` and `caches.open()`: one service for all Workers, which therefore share their caches. */
export const cacheApi: Surrounding = (_service, { endpoint: { cacheAddress: address, headers } }) => {
  if (address === undefined) return {};
  return {
    services: [
      externalService(
        CACHE_SERVICE,
        { address, headers },
        {},
        // The request line has only the path of the cached URL, and `Host` its host.
        { forwardedProtoHeader: CACHE_SCHEME_HEADER, cfBlobHeader: CACHE_CF_HEADER },
      ),
    ],
    worker: { cacheApiOutbound: { name: CACHE_SERVICE } },
  };
};
