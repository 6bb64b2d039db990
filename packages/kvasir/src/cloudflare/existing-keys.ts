import { BULK_GET_KEYS_MAX, KvError } from "@kvasir/client/namespace";
import type { NamespaceAddress } from "./listed-keys.js";
import { namespacesPath } from "./namespaces.js";
import type { CloudflareRequester } from "./requester.js";

/** Which of these keys exist. A bulk read tells for a hundred keys at once, unless their values are too large. */
export async function existingKeys(
  requester: CloudflareRequester,
  address: NamespaceAddress,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const parts: (readonly string[])[] = [];
  for (let at = 0; at < keys.length; at += BULK_GET_KEYS_MAX)
    parts.push(keys.slice(at, at + BULK_GET_KEYS_MAX));
  const found = await Promise.all(parts.map((part) => existingOf(requester, address, part)));
  return new Set(found.flat());
}

async function existingOf(
  requester: CloudflareRequester,
  address: NamespaceAddress,
  keys: readonly string[],
): Promise<readonly string[]> {
  const { account, namespace } = address;
  try {
    const { result } = await requester.envelope({
      method: "POST",
      path: `${namespacesPath(account, namespace)}/bulk/get`,
      contentType: "application/json",
      body: () => JSON.stringify({ keys }),
      account,
      namespace,
    });
    const { values = {} } = result as { values?: object };
    return Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [key]));
  } catch (error) {
    if (!(error instanceof KvError && ["bad_request", "payload_too_large"].includes(error.code))) throw error;
    if (keys.length === 1) return (await hasKey(requester, address, keys[0] ?? "")) ? keys : [];
    const half = Math.ceil(keys.length / 2);
    const first = await existingOf(requester, address, keys.slice(0, half));
    return [...first, ...(await existingOf(requester, address, keys.slice(half)))];
  }
}

async function hasKey(
  requester: CloudflareRequester,
  { account, namespace }: NamespaceAddress,
  key: string,
): Promise<boolean> {
  const path = `${namespacesPath(account, namespace)}/metadata/${encodeURIComponent(key)}`;
  try {
    await requester.envelope({ path, account, namespace });
    return true;
  } catch (error) {
    if (error instanceof KvError && error.code === "key_not_found") return false;
    throw error;
  }
}
