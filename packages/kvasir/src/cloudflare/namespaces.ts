import { KvError } from "@kvasir/client/namespace";
import { NAMESPACES_PER_PAGE } from "./limits.js";
import type { CloudflareRequester } from "./requester.js";

/** A namespace at Cloudflare. */
export interface CloudflareNamespace {
  readonly id: string;
  readonly title: string;
}

/**
 * Finds a namespace by its id or its title.
 *
 * @returns `undefined` if the account has none
 * @throws KvError `unauthorized`, `forbidden`, `route_not_found` for an account that does not exist, `unavailable`
 */
export async function findCloudflareNamespace(
  requester: CloudflareRequester,
  { account, name }: { readonly account: string; readonly name: string },
): Promise<CloudflareNamespace | undefined> {
  if (isNamespaceId(name)) {
    const found = await byId(requester, account, name);
    if (found !== undefined) return found;
  }
  let firstId: string | undefined;
  for (let page = 1; ; page++) {
    const query = `?per_page=${NAMESPACES_PER_PAGE}&order=title&direction=asc&page=${page}`;
    const { result } = await requester.envelope({ path: namespacesPath(account) + query, account });
    const namespaces = Array.isArray(result) ? (result as readonly CloudflareNamespace[]) : [];
    const found = namespaces.find(({ id, title }) => title === name || id === name);
    if (found !== undefined) return { id: found.id, title: found.title };
    // A service that ignores the page returns the first one again and again.
    if (namespaces.length < NAMESPACES_PER_PAGE || namespaces[0]?.id === firstId) return undefined;
    firstId = namespaces[0]?.id;
  }
}

/** @throws KvError as {@link findCloudflareNamespace} does, and when the title is too long */
export async function createCloudflareNamespace(
  requester: CloudflareRequester,
  { account, title }: { readonly account: string; readonly title: string },
): Promise<CloudflareNamespace> {
  try {
    const { result } = await requester.envelope({
      method: "POST",
      path: namespacesPath(account),
      contentType: "application/json",
      body: () => JSON.stringify({ title }),
      account,
    });
    return { id: (result as CloudflareNamespace).id, title };
  } catch (error) {
    // The response to an earlier attempt may have been lost.
    const found = await findCloudflareNamespace(requester, { account, name: title });
    if (found === undefined) throw error;
    return found;
  }
}

export function isNamespaceId(name: string): boolean {
  return /^[0-9a-f]{32}$/.test(name);
}

/** The path of a namespace below the base URL, or of all of them. */
export function namespacesPath(account: string, id?: string): string {
  const all = `/accounts/${encodeURIComponent(account)}/storage/kv/namespaces`;
  return id === undefined ? all : `${all}/${encodeURIComponent(id)}`;
}

const NOT_FOUND: ReadonlySet<string> = new Set(["namespace_not_found", "route_not_found", "bad_request"]);

async function byId(
  requester: CloudflareRequester,
  account: string,
  id: string,
): Promise<CloudflareNamespace | undefined> {
  try {
    const { result } = await requester.envelope({
      path: namespacesPath(account, id),
      account,
      namespace: id,
    });
    return { id, title: String((result as CloudflareNamespace).title) };
  } catch (error) {
    // The list of all namespaces decides, and fails for the same reason if it is not the id.
    if (error instanceof KvError && NOT_FOUND.has(error.code)) return undefined;
    throw error;
  }
}
