/** What the cache did with a request, for the headers `X-Cache` and `Cache-Status`. */
export interface CacheMark {
  readonly xCache: "HIT" | "STALE" | "MISS" | "BYPASS";
  /** The parameters of this cache in `Cache-Status`. Empty if there is nothing to say. */
  readonly parameters: string;
}

/** The name of this cache in `Cache-Status`. */
const NAME = "kvasir";

/** The response came from the cache. A negative `ttl` says that it is stale (RFC 9211, 2.5). */
export function foundMark(status: "hit" | "stale" | "miss", freshMs: number): CacheMark {
  // Another caller computed it while this one waited.
  if (status === "miss") return { xCache: "MISS", parameters: "fwd=uri-miss; collapsed" };
  return {
    xCache: status === "hit" ? "HIT" : "STALE",
    parameters: `hit; ttl=${Math.floor(freshMs / 1000)}`,
  };
}

/** The handler was called, because no response matched. */
export function missMark({
  stored,
  varies,
}: {
  readonly stored: boolean;
  readonly varies: boolean;
}): CacheMark {
  const reason = varies ? "fwd=vary-miss" : "fwd=uri-miss";
  return { xCache: "MISS", parameters: stored ? `${reason}; stored` : reason };
}

/** The cache does not handle such a request, or could not ask its store. */
export function bypassMark(reason: "method" | "request" | "bypass"): CacheMark {
  return { xCache: "BYPASS", parameters: `fwd=${reason}` };
}

/** Sets both headers. Caches nearer to the origin come first in `Cache-Status` (RFC 9211, 2). */
export function setCacheMark(headers: Headers, { xCache, parameters }: CacheMark): void {
  headers.set("X-Cache", xCache);
  headers.append("Cache-Status", parameters === "" ? NAME : `${NAME}; ${parameters}`);
}
