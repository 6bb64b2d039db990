import { type KvError, statusOf } from "@kvasir/client/namespace";
import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Dialect } from "../../api/route.js";
import { isRecord, readJson } from "../../http/body.js";
import { errorBody } from "../../http/error-body.js";
import type { RateLimits } from "../../transient/rate-limits.js";
import { RATE_LIMIT_HEADER, RATE_LIMIT_PATH } from "../../wire/names.js";

/** The service behind rate limit bindings. The code inside workerd has checked the arguments. */
export function rateLimitDialect(open: () => MaybePromise<RateLimits>): Dialect {
  return {
    name: "rate-limit",
    prefix: RATE_LIMIT_PATH,
    routes: [
      {
        method: "POST",
        path: RATE_LIMIT_PATH,
        operation: "functionsRateLimit",
        access: "write",
        bound: "harmless",
        describe: {
          summary: "Count a call and say whether it is within the limit",
          body: { "application/json": { type: "object" } },
          answer: { description: "`success`" },
        },
        async handle(exchange) {
          const call = await readJson(exchange);
          const { key, limit, period } = isRecord(call) ? call : {};
          const encoded = String(exchange.request.headers[RATE_LIMIT_HEADER]);
          const limits = await open();
          const success = await limits.admit({
            namespaceId: Buffer.from(encoded, "base64url").toString(),
            key: String(key),
            limit: Number(limit),
            periodSeconds: Number(period),
          });
          return exchange.sendJson(200, { success });
        },
      },
    ],
    renderError,
  };
}

function renderError(exchange: ApiExchange, error: KvError): void {
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  exchange.sendError(statusOf(error.code), headers, errorBody(error), error.message);
}
