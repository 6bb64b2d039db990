import { KvError } from "@kvasir/client/namespace";
import { LIST_KEYS_MAX, LIST_KEYS_MIN } from "./limits.js";
import { namespacesPath } from "./namespaces.js";
import type { CloudflareRequester, Envelope } from "./requester.js";

/** A namespace at Cloudflare, as requests name it. */
export interface NamespaceAddress {
  readonly account: string;
  /** An id. */
  readonly namespace: string;
}

export interface ListedKey {
  readonly name: string;
  /** In seconds since the epoch. */
  readonly expiration?: number;
  /** Missing if there is none. */
  readonly metadata?: unknown;
}

export interface ListKeysOptions {
  readonly prefix?: string | undefined;
  /** Most keys that the caller takes, for the size of the pages. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The keys of a namespace in pages. The next page is asked for while the caller works on one. */
export async function* listKeys(
  requester: CloudflareRequester,
  { account, namespace }: NamespaceAddress,
  { prefix = "", limit = LIST_KEYS_MAX, signal }: ListKeysOptions = {},
): AsyncGenerator<readonly ListedKey[]> {
  const perPage = Math.min(Math.max(limit, LIST_KEYS_MIN), LIST_KEYS_MAX);
  const request = async (cursor: string): Promise<KeyPage> => {
    const query = new URLSearchParams({ limit: String(perPage) });
    if (prefix !== "") query.set("prefix", prefix);
    if (cursor !== "") query.set("cursor", cursor);
    const path = `${namespacesPath(account, namespace)}/keys?${query}`;
    return pageOf(await requester.envelope({ path, account, namespace, signal }));
  };
  let next: Promise<KeyPage> | undefined = request("");
  for (let before = ""; next !== undefined; ) {
    const { keys, cursor }: KeyPage = await next;
    if (cursor !== "" && cursor === before) throw listsInCircles();
    before = cursor;
    next = cursor === "" ? undefined : request(cursor);
    // Reported when it is awaited, and not at all if the caller stops before.
    next?.catch(() => {});
    yield keys;
  }
}

interface KeyPage {
  readonly keys: readonly ListedKey[];
  /** Empty on the last page. */
  readonly cursor: string;
}

function pageOf({ result, result_info: info }: Envelope): KeyPage {
  const keys = Array.isArray(result) ? (result as readonly ListedKey[]) : [];
  return { keys, cursor: typeof info?.cursor === "string" ? info.cursor : "" };
}

function listsInCircles(): KvError {
  return new KvError("internal", "The list of keys returns the same cursor again", {
    hint: "The service behind CLOUDFLARE_API_BASE_URL does not page as Cloudflare does.",
  });
}
