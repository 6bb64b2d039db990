import type { Exchange } from "./visitor.js";

/** Headers that say how a server sends bytes, not what the Worker responds. */
const HEADERS_IGNORED: ReadonlyMap<string, string> = new Map([
  ["connection", "belongs to the connection"],
  ["keep-alive", "belongs to the connection"],
  ["transfer-encoding", "wrangler's proxy sends some bodies in chunks that workerd sends with a length"],
  ["content-length", "as transfer-encoding; the bodies themselves are compared"],
  ["date", "the time of the response"],
]);

interface Replacement {
  readonly pattern: RegExp;
  readonly by: string;
  readonly reason: string;
}

/** What may differ in headers and bodies of any Worker. */
const REPLACEMENTS: readonly Replacement[] = [
  { pattern: /(127\.0\.0\.1|localhost)(:|%3A)\d+/g, by: "HOST", reason: "each server has its own free port" },
  {
    pattern: /^"[\da-f]{32}"$/g,
    by: "ETAG",
    reason:
      "wrangler makes the ETag of an asset out of its path and its time; that it works is tested by a request",
  },
  {
    pattern: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g,
    by: "UUID",
    reason: "random ids",
  },
];

/** An exchange without what may differ between two runs of the same Worker. */
export interface Comparable {
  readonly request: string;
  readonly status: number | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function comparable({ request, status, headers, body, hide }: Exchange): Comparable {
  const kept = Object.entries(headers).filter(([name]) => !HEADERS_IGNORED.has(name));
  const replaced = (text: string) =>
    [...hide.map((pattern) => ({ pattern, by: "HIDDEN" })), ...REPLACEMENTS].reduce(
      (all, { pattern, by }) => all.replaceAll(new RegExp(pattern, "g"), by),
      text,
    );
  return {
    request: replaced(request),
    status,
    headers: Object.fromEntries(kept.sort().map(([name, value]) => [name, replaced(String(value))])),
    body: replaced(body),
  };
}
