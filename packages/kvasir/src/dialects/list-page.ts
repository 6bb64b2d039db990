import { LIST_LIMIT_MAX } from "@kvasir/client/namespace";
import type { Namespace, NamespaceListOptions, NamespaceListPage } from "@kvasir/store";
import type { ApiExchange } from "../api/api-exchange.js";
import {
  LIST_ROW_BYTES,
  LIST_ROW_BYTES_MAX,
  LIST_ROW_VALUE_BYTES_MAX,
  SHORT_PAGE_ROWS_MAX,
} from "../http/limits.js";

/**
 * Reads a page of a list and charges its memory to the request: the most that it may take while it is read,
 * then what it takes.
 */
export async function readListPage(
  exchange: ApiExchange,
  namespace: Namespace,
  options: NamespaceListOptions,
): Promise<NamespaceListPage> {
  const rows = Math.min(Math.max(options.limit || LIST_LIMIT_MAX, 1), LIST_LIMIT_MAX);
  const rowBytesMax = LIST_ROW_BYTES_MAX + (options.values ? LIST_ROW_VALUE_BYTES_MAX : 0);
  const { hold } = exchange;
  await hold.charge(rows * rowBytesMax);
  if (options.values || rows > SHORT_PAGE_ROWS_MAX) await exchange.turn();
  const page = await namespace.page(options);
  hold.shrinkTo(bytesOf(page));
  return page;
}

function bytesOf({ keys }: NamespaceListPage): number {
  let bytes = 0;
  for (const { name, metadata, value } of keys) {
    bytes += LIST_ROW_BYTES + name.length + (metadata?.length ?? 0);
    if (value instanceof Uint8Array) bytes += value.byteLength;
  }
  return bytes;
}
