import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Dialect, Method, Route } from "../../api/route.js";
import { STREAMED_BODY_HELD_BYTES } from "../../http/limits.js";
import type { ResponseCache } from "../../transient/response-cache.js";
import { cacheKeyOf, isSiteFile } from "./cache-key.js";
import { sendMatch, sendMiss } from "./match.js";
import { drain, readMessage } from "./message.js";

/** Opens the cache on first use. */
export type OpenCache = () => MaybePromise<ResponseCache>;

/**
 * The service behind `caches.default` and `caches.open()` of workerd: `GET` looks for a response, `PUT` brings
 * one as an HTTP message, `PURGE` removes one. Path and `Host` are those of the cached URL. workerd takes all
 * that is no `CF-Cache-Status: HIT` for a miss, and shows a status other than 404 of `PURGE` as an error.
 */
export function cacheDialect(open: OpenCache): Dialect {
  return {
    name: "cache",
    prefix: "",
    routes: ["/", "/{rest+}"].flatMap((path) => [
      route("GET", path, (exchange) => {
        exchange.isBare = true;
        if (isSiteFile(exchange)) return sendMiss(exchange);
        const cache = open();
        return cache instanceof Promise
          ? cache.then((opened) => look(opened, exchange))
          : look(cache, exchange);
      }),
      route("PUT", path, async (exchange) => store(await open(), exchange)),
      route("PURGE", path, async (exchange) => {
        const removed = await (await open()).delete(cacheKeyOf(exchange));
        exchange.sendEmpty(removed ? 200 : 404);
      }),
    ]),
    renderError: (exchange, error) => exchange.sendError(STORE_FAILED, [], "", error.message),
  };
}

/** workerd resolves `put` with this status, as it does with 204. */
const STORE_FAILED = 413;

function route(method: Method, path: string, handle: Route["handle"]): Route {
  return {
    method,
    path,
    operation: `cache${method}`,
    access: "open",
    describe: {
      summary: "The Cache API of workerd",
      ...(method === "PUT" ? { body: { "application/http": {} } } : {}),
      answer: { description: "Only workerd reads it" },
    },
    handle,
  };
}

function look(cache: ResponseCache, exchange: ApiExchange): MaybePromise<void> {
  const found = cache.match(cacheKeyOf(exchange));
  if (found instanceof Promise) {
    return found.then((response) => (response === null ? sendMiss(exchange) : sendMatch(exchange, response)));
  }
  return found === null ? sendMiss(exchange) : sendMatch(exchange, found);
}

async function store(cache: ResponseCache, exchange: ApiExchange): Promise<void> {
  const parts = exchange.bodyParts({ heldBytesMax: STREAMED_BODY_HELD_BYTES })[Symbol.asyncIterator]();
  const message = await readMessage(parts);
  const stored =
    message !== null && !isSiteFile(exchange) && (await cache.put(cacheKeyOf(exchange), message));
  if (stored) return exchange.sendEmpty(204);
  // Code that reads the same body elsewhere would wait for this reader.
  await drain(parts);
  exchange.sendEmpty(STORE_FAILED);
}
