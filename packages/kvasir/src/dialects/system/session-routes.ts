import { SCOPES } from "../../api/auth/scope.js";
import type { Route } from "../../api/route.js";

/** What a client may do, so that an interface offers nothing that would be refused. */
export function sessionRoutes(): Route[] {
  return [
    {
      method: "GET",
      path: "/kvasir/session",
      operation: "session",
      access: "read",
      // Tells a token only about itself.
      bound: "harmless",
      describe: {
        summary: "What the token of the request allows; everything where no token is needed",
        answer: {
          description: "Its scope, and the only namespaces that it may use, or null for all",
          content: {
            "application/json": {
              type: "object",
              required: ["scope", "namespaces"],
              properties: {
                scope: { enum: SCOPES },
                namespaces: { type: ["array", "null"], items: { type: "string" } },
              },
            },
          },
        },
      },
      handle(exchange) {
        const { scope, namespaces } = exchange.matched.principal;
        const body = { scope, namespaces: namespaces === null ? null : [...namespaces] };
        exchange.sendJson(200, body, ["Cache-Control", "no-store"]);
      },
    },
  ];
}
