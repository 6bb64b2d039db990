import { KvError } from "@kvasir/client/namespace";
import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import { queryParam } from "../../http/query.js";
import { sendResult } from "./envelope.js";

/** Largest `per_page`. */
const PER_PAGE_MAX = 1000;
const PER_PAGE_DEFAULT = 20;

export interface Page {
  /** Starts at 1. */
  readonly page: number;
  readonly perPage: number;
}

/** @throws KvError `limit_invalid` */
export function pageOf({ query }: ApiExchange): Page {
  return {
    page: whole(query, "page", { max: Number.MAX_SAFE_INTEGER }) ?? 1,
    perPage: whole(query, "per_page", { max: PER_PAGE_MAX }) ?? PER_PAGE_DEFAULT,
  };
}

/** Sends one page. A page past the end is empty, which is how clients notice the end. */
export function sendPage(
  exchange: ApiExchange,
  items: readonly unknown[],
  { page, perPage, total }: Page & { readonly total: number },
): MaybePromise<void> {
  return sendResult(exchange, items, {
    count: items.length,
    page,
    per_page: perPage,
    total_count: total,
    total_pages: Math.ceil(total / perPage),
  });
}

/**
 * An integer of the query from 1 to `max`.
 *
 * @throws KvError `limit_invalid`
 */
export function whole(query: string, name: string, { max }: { readonly max: number }): number | undefined {
  const text = queryParam(query, name);
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= 1 && value <= max) return value;
  throw new KvError("limit_invalid", `Invalid ${name}. Please specify an integer from 1 to ${max}.`);
}
