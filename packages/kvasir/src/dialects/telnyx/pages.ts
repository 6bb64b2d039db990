import type { ParameterDescription } from "../../api/operation-description.js";
import { queryParam } from "../../http/query.js";
import { TelnyxError } from "./errors.js";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "./limits.js";

/** A page by number, from `page[number]` and `page[size]`. */
export interface PageRequest {
  /** Starts at 1. */
  readonly number: number;
  readonly size: number;
}

export const PAGE_PARAMETERS: readonly ParameterDescription[] = [
  { name: "page[number]", description: "From 1.", schema: { type: "integer", minimum: 1, default: 1 } },
  {
    name: "page[size]",
    description: `Items of a page; more than ${PAGE_SIZE_MAX} are taken as ${PAGE_SIZE_MAX}.`,
    schema: { type: "integer", minimum: 1, default: PAGE_SIZE_DEFAULT },
  },
];

/** @throws KvError `limit_invalid` */
export function pageRequestOf(query: string): PageRequest {
  return {
    number: pageParam(query, "number") ?? 1,
    size: Math.min(pageParam(query, "size") ?? PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX),
  };
}

export function pageMeta({ number, size }: PageRequest, totalResults: number): object {
  return {
    page_number: number,
    page_size: size,
    total_pages: Math.ceil(totalResults / size),
    total_results: totalResults,
  };
}

/**
 * An integer of the query, at least 1. `undefined` if it is absent or empty.
 *
 * @throws KvError `limit_invalid`
 */
export function wholeParam(
  query: string,
  name: string,
  sentAs: readonly string[] = [name],
): number | undefined {
  for (const spelling of sentAs) {
    const text = queryParam(query, spelling);
    if (text === undefined || text === "") continue;
    // Larger numbers than this are not needed, and this one is still exact when multiplied by a page's size.
    if (/^\d+$/.test(text) && Number(text) >= 1) return Math.min(Number(text), 1e12);
    throw new TelnyxError("limit_invalid", `Invalid ${name}. Please specify an integer greater than 0.`, {
      source: { parameter: name },
    });
  }
  return undefined;
}

/** Brackets arrive unencoded from curl, and percent-encoded from the SDKs. */
function pageParam(query: string, name: "number" | "size"): number | undefined {
  return wholeParam(query, `page[${name}]`, [`page[${name}]`, `page%5B${name}%5D`, `page%5b${name}%5d`]);
}
