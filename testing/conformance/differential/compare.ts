import { type KnownDifference, knownDifference } from "./known-differences.js";
import type { Operation } from "./programs.js";

/** Moments may differ by the time that passes between the two runs, in seconds. */
const SECONDS_APART_MAX = 60;
const EARLIEST_MOMENT = 1_000_000_000;

/** Counts how often each known difference was met. */
export type KnownCounts = Map<KnownDifference, number>;

/** Says where the outcomes of a program differ. Returns `undefined` if they are the same. */
export function programDifference(
  program: readonly Operation[],
  { ours, theirs, known }: { readonly ours: unknown; readonly theirs: unknown; readonly known: KnownCounts },
): string | undefined {
  const [own, other] = [ours, theirs].map((outcomes) => outcomes as readonly unknown[]);
  for (const [at, operation] of program.entries()) {
    const pair = { ours: own?.[at], theirs: other?.[at], known };
    const found =
      "all" in operation ? programDifference(operation.all, pair) : outcomeDifference(operation, pair);
    if (found !== undefined) return `operation ${at}: ${found}`;
  }
  return undefined;
}

function outcomeDifference(
  operation: Exclude<Operation, { all: unknown }>,
  { ours, theirs, known }: { readonly ours: unknown; readonly theirs: unknown; readonly known: KnownCounts },
): string | undefined {
  const found = difference(ours, theirs);
  if (found === undefined) return undefined;
  const explained = knownDifference(operation, { ours, theirs });
  if (explained === undefined) return found;
  known.set(explained.difference, (known.get(explained.difference) ?? 0) + 1);
  return difference(explained.ours, explained.theirs);
}

function difference(ours: unknown, theirs: unknown, path = "outcome"): string | undefined {
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
