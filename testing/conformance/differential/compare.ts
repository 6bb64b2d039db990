import type { Operation } from "./programs.js";

/** Moments may differ by the time that passes between the two runs, in seconds. */
const SECONDS_APART_MAX = 60;
const EARLIEST_MOMENT = 1_000_000_000;

/** Says where two outcomes differ. Returns `undefined` if they are the same. */
export function difference(ours: unknown, theirs: unknown, path = "outcome"): string | undefined {
  if (typeof ours === "number" && typeof theirs === "number" && ours > EARLIEST_MOMENT) {
    if (Math.abs(ours - theirs) <= SECONDS_APART_MAX) return undefined;
  }
  if (typeof ours !== "object" || typeof theirs !== "object" || ours === null || theirs === null) {
    if (Object.is(ours, theirs)) return undefined;
    return `${path}: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} on Miniflare`;
  }
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const name of names) {
    const [own, other] = [ours, theirs].map((value) => (value as Record<string, unknown>)[name]);
    const found = difference(own, other, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Removes what differs on purpose:
 * - `cacheStatus` of a read with `cacheTtl`, which Kvasir serves from the isolate (`HIT`, `MISS`). Miniflare has no
 *   cache and says `null`.
 * - Keys such as `10` and `__proto__` in bulk reads. workerd loses them from the response; Kvasir returns them.
 * - Bulk reads of keys with lone surrogates. Miniflare reads another key; Kvasir refuses them, as in a single read.
 * - Cursors that no list returned. Miniflare lists from somewhere; Kvasir refuses them, as Cloudflare does.
 * - Metadata that JSON cannot say. Miniflare responds with its own error (500); Kvasir says what is wrong.
 */
export function withoutKnown(operation: Operation, outcome: unknown): unknown {
  if ("all" in operation) {
    return operation.all.map((inner, at) => withoutKnown(inner, (outcome as unknown[] | undefined)?.[at]));
  }
  if (isRefusedHere(operation)) return undefined;
  const [, options] = operation.args;
  const { value } = (outcome ?? {}) as { readonly value?: unknown };
  if (typeof value !== "object" || value === null) return outcome;
  const { cacheStatus, entries, ...rest } = value as Record<string, unknown>;
  const isCached = typeof options === "object" && options !== null && "cacheTtl" in options;
  return {
    value: {
      ...rest,
      ...(!isCached && { cacheStatus }),
      ...(Array.isArray(entries) && { entries: entries.filter(([key]) => !/^\d+$|^__proto__$/.test(key)) }),
    },
  };
}

function isRefusedHere({ method, args }: Exclude<Operation, { all: unknown }>): boolean {
  const [first, , third] = args as readonly { cursor?: unknown; metadata?: { $?: unknown } }[];
  if (method === "list") return ["string", "number"].includes(typeof first?.cursor) && first?.cursor !== "";
  if (method === "put") return ["function", "symbol", "undefined"].includes(String(third?.metadata?.$));
  return Array.isArray(first) && first.some((key) => typeof key === "string" && /\p{Surrogate}/u.test(key));
}
