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
 * Removes what differs on purpose: `cacheStatus` of a read with `cacheTtl`, which Kvasir answers from the isolate
 * (`HIT`, `MISS`). Miniflare has no cache and says `null`.
 */
export function withoutKnown(operation: Operation, outcome: unknown): unknown {
  if ("all" in operation) {
    return operation.all.map((inner, at) => withoutKnown(inner, (outcome as unknown[] | undefined)?.[at]));
  }
  const [, options] = operation.args;
  const isCached = typeof options === "object" && options !== null && "cacheTtl" in options;
  const { value } = (outcome ?? {}) as { readonly value?: unknown };
  if (!isCached || typeof value !== "object" || value === null) return outcome;
  const { cacheStatus: _status, ...rest } = value as Record<string, unknown>;
  return { value: rest };
}
