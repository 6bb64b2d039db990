import { KvError } from "@kvasir/client/namespace";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import { SCOPES } from "../../api/auth/scope.js";
import { type CreateTokenOptions, createToken, listTokens, revokeToken } from "../../api/auth/tokens.js";
import type { Route } from "../../api/route.js";
import { isRecord, readJson } from "../../http/body.js";

const RECORD = {
  type: "object",
  required: ["id", "scope", "createdMs"],
  properties: {
    id: { type: "string" },
    name: { type: "string" },
    scope: { enum: SCOPES },
    namespaces: { type: "array", items: { type: "string" } },
    createdMs: { type: "integer" },
    expiresMs: { type: "integer" },
  },
};

/** `kvasir token … --url` uses these routes. */
export function tokenRoutes({ store, clock }: ApiContext): Route[] {
  const shared = { access: "admin", bound: "refused" } as const;
  return [
    {
      ...shared,
      method: "GET",
      path: "/kvasir/tokens",
      operation: "listTokens",
      describe: {
        summary: "List the API tokens, without the tokens themselves",
        answer: {
          description: "Their records",
          content: {
            "application/json": { type: "object", properties: { tokens: { type: "array", items: RECORD } } },
          },
        },
      },
      async handle(exchange) {
        await exchange.sendJson(200, { tokens: await listTokens(store) });
      },
    },
    {
      ...shared,
      method: "POST",
      path: "/kvasir/tokens",
      operation: "createToken",
      describe: {
        summary: "Make an API token; it is shown this one time",
        body: {
          "application/json": {
            type: "object",
            required: ["scope"],
            properties: {
              scope: { enum: SCOPES },
              name: { type: "string" },
              namespaces: { type: "array", items: { type: "string" } },
              expiresMs: { type: "integer", description: "Milliseconds since the epoch" },
            },
          },
        },
        answer: {
          description: "The token and its record",
          content: {
            "application/json": {
              type: "object",
              properties: { token: { type: "string" }, record: RECORD },
            },
          },
        },
      },
      async handle(exchange) {
        const created = await createToken(store, { ...(await readTokenOptions(exchange)), clock });
        exchange.sendJson(200, created, ["Cache-Control", "no-store"]);
      },
    },
    {
      ...shared,
      method: "DELETE",
      path: "/kvasir/tokens/{token_id}",
      operation: "revokeToken",
      describe: { summary: "Revoke an API token, at once", answer: { description: "It is gone" } },
      async handle(exchange) {
        const revoked = await revokeToken(store, exchange.matched.params[0] ?? "");
        if (!revoked) {
          throw new KvError("key_not_found", "There is no token with this id", {
            hint: "`kvasir token list` shows the ids.",
          });
        }
        exchange.sendJson(200, { ok: true });
      },
    },
  ];
}

/** Checks only the form of the body. `createToken` checks its contents. */
async function readTokenOptions(exchange: ApiExchange): Promise<CreateTokenOptions> {
  const body = await readJson(exchange);
  if (!isRecord(body)) throw new KvError("bad_request", "A token is described by a JSON object");
  const { scope, name, namespaces, expiresMs } = body as unknown as CreateTokenOptions;
  return {
    scope,
    name: name ?? undefined,
    namespaces: namespaces ?? undefined,
    expiresMs: expiresMs ?? undefined,
  };
}
