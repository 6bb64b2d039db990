import { setTimeout as sleep } from "node:timers/promises";
import {
  type ComparedParts,
  type CopyTotals,
  type ExpiryTally,
  entryHash,
  type PortableEntry,
  type SampledEntry,
} from "@kvasir/store";
import { Failure } from "../../failure/failure.js";
import type { CopyPlace } from "./place.js";

export interface VerifyOptions {
  readonly from: CopyPlace;
  readonly to: CopyPlace;
  readonly prefix: string;
  readonly totals: CopyTotals;
  readonly expiries: ExpiryTally;
  readonly sample: readonly SampledEntry[];
  readonly keeps: ComparedParts;
}

export interface Verification {
  /** Entries that the target has. */
  readonly entries: number;
  /** Entries that were read back and are the same. */
  readonly sampled: number;
  /** Entries of the sample that are different in the source now: they were changed there since. */
  readonly changed: number;
}

/** Pause before the target is asked again, in milliseconds, where its lists may be behind. */
const AGAIN_MS = 3_000;
/** Keys that an error names. */
const KEYS_NAMED = 5;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Compares what was copied with the target: how many entries it has, and the entries of a sample byte for byte.
 *
 * @throws Failure when entries are missing or different
 */
export async function verifyCopy(options: VerifyOptions): Promise<Verification> {
  const { to, sample } = options;
  const untilMs = Date.now() + to.behindMs;
  for (;;) {
    const entries = await to.count(options.prefix);
    const missing = expectedMin(options) - entries;
    const different = missing > 0 ? [] : await differentKeys(options);
    if (missing <= 0 && different.length === 0) {
      return { entries, sampled: sample.length, changed: await changedSince(options) };
    }
    if (Date.now() >= untilMs) throw missing > 0 ? tooFew(options, missing) : differs(options, different);
    await sleep(Math.min(AGAIN_MS, to.behindMs));
  }
}

/**
 * The target has at least as many, unless someone deletes entries there. Entries that were skipped do not count: it
 * is not known when they expire there.
 */
function expectedMin({ totals, expiries }: VerifyOptions): number {
  return totals.written - expiries.expiredMax(Date.now());
}

async function differentKeys({ to, sample, keeps }: VerifyOptions): Promise<readonly string[]> {
  const found = await hashesIn(to, sample, keeps);
  const nowMs = Date.now();
  return sample
    .filter(({ expirationMs }) => expirationMs === null || expirationMs > nowMs)
    .filter(({ key, hash }) => found.get(key)?.hash !== hash)
    .map(({ key }) => key);
}

/** A bulk read at Cloudflare is not exact by its nature, so the sample is read there once more, singly. */
async function changedSince({ from, sample, keeps }: VerifyOptions): Promise<number> {
  if (!from.readsInBulk) return 0;
  const found = await hashesIn(from, sample, keeps);
  const changed = sample.filter(({ key, hash }) => found.has(key) && found.get(key)?.hash !== hash);
  const shortened = changed.find(({ key, hash }) => found.get(key)?.hashWithoutMark === hash);
  if (shortened !== undefined) {
    throw new Failure(
      `${from.shown} drops the byte order mark at the start of text in bulk reads, as of ${JSON.stringify(shortened.key)}.`,
      { hint: "Run the command again with --single-reads." },
    );
  }
  return changed.length;
}

interface Hashes {
  readonly hash: string;
  readonly hashWithoutMark: string | undefined;
}

async function hashesIn(
  place: CopyPlace,
  sample: readonly SampledEntry[],
  keeps: ComparedParts,
): Promise<ReadonlyMap<string, Hashes>> {
  const found = new Map<string, Hashes>();
  for await (const entries of place.readSample(sample)) {
    for (const entry of entries) {
      const hashWithoutMark = beginsWithMark(entry)
        ? entryHash({ ...entry, value: entry.value.subarray(BYTE_ORDER_MARK.length) }, keeps)
        : undefined;
      found.set(entry.key, { hash: entryHash(entry, keeps), hashWithoutMark });
    }
  }
  return found;
}

function beginsWithMark({ value }: PortableEntry): boolean {
  return BYTE_ORDER_MARK.every((byte, at) => value[at] === byte);
}

function tooFew({ to }: VerifyOptions, missing: number): Failure {
  return new Failure(`${to.shown} has fewer entries than were copied: ${missing} are missing.`, {
    hint: "Another program may have deleted them. Run the command again to copy them.",
  });
}

function differs({ to }: VerifyOptions, keys: readonly string[]): Failure {
  const named = keys
    .slice(0, KEYS_NAMED)
    .map((key) => JSON.stringify(key))
    .join(", ");
  return new Failure(
    `${keys.length} of the entries that were read back from ${to.shown} are not what was copied: ${named}.`,
    { hint: "Another program may have changed them. Run the command again to copy them." },
  );
}
