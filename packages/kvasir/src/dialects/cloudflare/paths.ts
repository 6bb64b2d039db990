import { KvError } from "@kvasir/client/namespace";
import { type ApiExchange, rawKeyOf } from "../../api/api-exchange.js";

export const API = "/client/v4";
export const NAMESPACES = `${API}/accounts/{account_id}/storage/kv/namespaces`;
export const NAMESPACE = `${NAMESPACES}/{namespace_id}`;

/** Where the path holds the account. */
const ACCOUNT_INDEX = 0;
/** The last one that was well-formed: nearly every request names the same. */
let lastAccount: string | null = null;

/**
 * Any account is taken, as long as it could be one: a URL whose parts are shifted is refused rather than served.
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
 * The key of a request. Clients differ in which characters they encode; each is decoded once.
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
