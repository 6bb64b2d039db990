import { KvError } from "@kvasir/client/namespace";
import { type ApiExchange, rawKeyOf } from "../../api/api-exchange.js";

export const API = "/client/v4";
export const NAMESPACES = `${API}/accounts/{account_id}/storage/kv/namespaces`;
export const NAMESPACE = `${NAMESPACES}/{namespace_id}`;

/** The index of the account among the path's parameters. */
const ACCOUNT_INDEX = 0;
/** The last valid account id. Nearly every request has the same one. */
let lastAccount: string | null = null;

/**
 * Accepts any well-formed account id. A URL whose parts are shifted is refused rather than served.
 *
 * @throws KvError `bad_request`
 */
export function checkAccount({ matched: { params } }: ApiExchange): void {
  const id = params[ACCOUNT_INDEX] ?? "";
  if (id === lastAccount) return;
  if (id.length <= 64 && /^[\w-]+$/.test(id)) {
    lastAccount = id;
    return;
  }
  throw new KvError("bad_request", "Could not route: the account id is malformed", {
    hint: "An account id has 1 to 64 characters out of A-Z, a-z, 0-9, underscore and minus.",
  });
}

/**
 * The key of a request, decoded once. Clients differ in which characters they encode.
 *
 * @throws KvError `key_invalid`
 */
export function keyOf(exchange: ApiExchange): string {
  const rawKey = rawKeyOf(exchange);
  if (!rawKey.includes("%")) return rawKey;
  try {
    return decodeURIComponent(rawKey);
  } catch (cause) {
    throw new KvError("key_invalid", "Could not URL-decode key name", { cause });
  }
}
