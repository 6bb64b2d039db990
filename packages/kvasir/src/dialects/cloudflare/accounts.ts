import type { ApiContext } from "../../api/api-context.js";
import type { OperationDescription } from "../../api/operation-description.js";
import type { Route } from "../../api/route.js";
import { envelopeSchema, sendResult } from "./envelope.js";
import { pageOf, sendPage } from "./pages.js";
import { API } from "./paths.js";

/**
 * wrangler first asks who the user is and, if no account is configured, which accounts there are. There is
 * one.
 */
export function accountRoutes({ account }: ApiContext): Route[] {
  const named = { id: account, name: "Kvasir" };
  const list = (path: string, operation: string, summary: string, items: readonly object[]): Route => ({
    method: "GET",
    path: `${API}${path}`,
    operation,
    access: "read",
    bound: "harmless",
    describe: described(summary, { type: "array", items: { type: "object" } }),
    handle(exchange) {
      const page = pageOf(exchange);
      return sendPage(exchange, items.slice((page.page - 1) * page.perPage, page.page * page.perPage), {
        ...page,
        total: items.length,
      });
    },
  });
  const one = (path: string, operation: string, summary: string, result: object): Route => ({
    method: "GET",
    path: `${API}${path}`,
    operation,
    access: "read",
    bound: "harmless",
    describe: described(summary, { type: "object" }),
    handle: (exchange) => sendResult(exchange, result),
  });
  return [
    list("/accounts", "listAccounts", "The one account", [
      { ...named, type: "standard", settings: { enforce_twofactor: false }, created_on: null },
    ]),
    list("/memberships", "listMemberships", "The token's membership in the one account", [
      { id: account, status: "accepted", account: named, roles: ["Administrator"], permissions: {} },
    ]),
    one("/user", "getUser", "Whom the token stands for", {
      id: account,
      email: "kvasir@localhost",
      first_name: null,
      last_name: null,
      username: "kvasir",
      two_factor_authentication_enabled: false,
      suspended: false,
    }),
    // Only authenticated requests reach this, so the token is valid.
    one("/user/tokens/verify", "verifyToken", "Whether the token is good", { id: account, status: "active" }),
    one("/accounts/{account_id}", "getAccount", "The one account", named),
  ];
}

function described(summary: string, result: Readonly<Record<string, unknown>>): OperationDescription {
  return { summary, answer: { description: "What there is", content: envelopeSchema(result) } };
}
