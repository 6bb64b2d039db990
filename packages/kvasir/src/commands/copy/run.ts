import {
  type ComparedParts,
  type CopiedBatch,
  CopySample,
  copyEntries,
  type OnConflict,
} from "@kvasir/store";
import { Failure } from "../../failure/failure.js";
import type { CopyOutcome } from "./outcome.js";
import type { CopyOutput } from "./output.js";
import type { CopyPlace } from "./place.js";
import { nothingCopied, ResumeFile } from "./resume-file.js";
import { verifyCopy } from "./verify.js";

export interface CopyRunOptions {
  readonly prefix?: string;
  readonly limit?: number;
  readonly onConflict?: OnConflict;
  readonly dryRun?: boolean;
  readonly resume?: string;
}

/** Entries that are read back at the end. */
const SAMPLE_SIZE = 64;
/** Entries that expire sooner are not read back, in milliseconds. */
const LASTING_MS = 180_000;
/** The file of `--resume` is written at most this often, in milliseconds: each time costs a flush. */
const RESUME_WRITE_MS = 250;

/** Copies, and verifies what was copied. */
export async function runCopy(
  source: CopyPlace,
  target: CopyPlace,
  options: CopyRunOptions,
  output: CopyOutput,
): Promise<CopyOutcome> {
  const { prefix = "", limit, dryRun = false } = options;
  const file = dryRun ? undefined : resumeFile(source, target, options);
  const before = file?.open() ?? nothingCopied();
  const base = { dryRun, resumedAt: before.totals.entries, contentTypesLost: 0 };
  if (before.done) return { ...base, totals: before.totals, doneBefore: options.resume };

  if (options.onConflict === "fail" && !dryRun && before.after === null) {
    const conflict = await firstConflict(source, target, options);
    if (conflict !== null) return { ...base, ...conflict };
  }
  // There was no conflict at the start, and what the interrupted run wrote last may be there already.
  const onConflict = options.onConflict === "fail" && before.after !== null ? "skip" : options.onConflict;

  const keeps = bothKeep(source.keeps, target.keeps);
  const sample = new CopySample({ size: SAMPLE_SIZE, parts: keeps });
  const { expiries } = before;
  let contentTypesLost = 0;
  let notedMs = 0;
  let after = before.after;
  const onBatch = async ({ entries, refused, skipped, totals }: CopiedBatch) => {
    const nowMs = Date.now();
    const refusedAt = new Set(refused.map(({ index }) => index));
    for (const [index, entry] of entries.entries()) {
      if (refusedAt.has(index)) continue;
      expiries.add(entry.expirationMs, nowMs);
      // Not known which ones were skipped, nor what is left of those that expire soon.
      const lasts = entry.expirationMs === null || entry.expirationMs > nowMs + LASTING_MS;
      if (skipped === 0 && lasts) sample.add(entry);
      if (entry.contentType !== null && !target.keeps.contentType) contentTypesLost++;
    }
    for (const { index, error } of refused) {
      // The end of the output names the first of them.
      if (error.code !== "condition_failed") await output.refused(entries[index]?.key ?? "", error);
    }
    output.update(totals);
    after = entries.at(-1)?.key ?? after;
    if (file === undefined || nowMs - notedMs < RESUME_WRITE_MS) return;
    notedMs = nowMs;
    file.write({ after, totals, expiries, done: false });
  };
  await output.start(() => totalOf(source, options));
  const { batchesInFlight } = target;
  // What has taken long to read is written at once, as far as writing is fast.
  const batchEntries = source.isSlow && !target.isSlow ? undefined : target.batchEntries;
  const { stoppedAt, ...totals } = await copyEntries(source.source, target.sink({ onConflict, dryRun }), {
    prefix,
    after: before.after ?? undefined,
    limit: limit === undefined ? undefined : limit - before.totals.entries,
    totals: before.totals,
    batchEntries,
    // Nothing is written behind the batch at which the copy ends.
    batchesInFlight: onConflict === "fail" ? 1 : batchesInFlight,
    onBatch,
  });
  if (dryRun || stoppedAt !== null) return { ...base, totals, stoppedAt, contentTypesLost };
  file?.write({ after, totals, expiries, done: false });
  output.stop();
  try {
    const verification = await verifyCopy({
      from: source,
      to: target,
      prefix,
      totals,
      expiries,
      sample: sample.entries,
      keeps,
    });
    file?.write({ after, totals, expiries, done: true });
    return { ...base, totals, verification, contentTypesLost };
  } catch (error) {
    // Going on where the copy ended would not copy what is missing. Other errors say nothing about the entries.
    if (error instanceof Failure) file?.write(nothingCopied());
    throw error;
  }
}

/** Counting at Cloudflare costs a request for each thousand keys, which copying needs more. */
async function totalOf(
  source: CopyPlace,
  { prefix = "", limit = Number.POSITIVE_INFINITY }: CopyRunOptions,
): Promise<number | undefined> {
  if (source.isSlow) return undefined;
  return Math.min(await source.count(prefix), limit);
}

/** Looks for a key that is in both, before anything is written. */
async function firstConflict(
  source: CopyPlace,
  target: CopyPlace,
  { prefix = "", limit }: CopyRunOptions,
): Promise<Pick<CopyOutcome, "totals" | "stoppedAt"> | null> {
  if ((await target.count(prefix)) === 0) return null;
  const sink = target.sink({ onConflict: "fail", dryRun: true });
  const { stoppedAt, ...totals } = await copyEntries(source.source, sink, { prefix, limit });
  return stoppedAt === null ? null : { stoppedAt, totals: { ...totals, written: 0, bytes: 0 } };
}

function resumeFile(
  source: CopyPlace,
  target: CopyPlace,
  { resume, prefix = "", limit }: CopyRunOptions,
): ResumeFile | undefined {
  if (resume === undefined) return undefined;
  return new ResumeFile(resume, {
    from: source.identity,
    to: target.identity,
    prefix,
    limit: limit ?? null,
  });
}

function bothKeep(a: ComparedParts, b: ComparedParts): ComparedParts {
  return {
    wholeSeconds: a.wholeSeconds || b.wholeSeconds,
    contentType: a.contentType && b.contentType,
  };
}
