import type { CopyTotals, KvError } from "@kvasir/store";
import { noteLine, printJson, printLine } from "../../terminal/output.js";
import { type EntryProgress, entryProgress } from "../../terminal/progress-bar.js";
import { countText, sizeText } from "../transfer/figures.js";
import type { CopyOutcome } from "./outcome.js";

/** Shorter pauses are not worth a line, in milliseconds. */
const PAUSE_SHOWN_MS = 5_000;

/** What `copy` prints: the result on stdout, everything else on stderr. */
export class CopyOutput {
  readonly #json: boolean;
  #pausedUntilMs = 0;
  #bar: EntryProgress | undefined;

  constructor({ json }: { readonly json: boolean }) {
    this.#json = json;
  }

  /** For people only. */
  note(text: string): void {
    if (!this.#json) void noteLine(text);
  }

  pause(ms: number): void {
    const untilMs = Date.now() + ms;
    // Each request that waits reports the same pause.
    if (ms < PAUSE_SHOWN_MS || untilMs < this.#pausedUntilMs + PAUSE_SHOWN_MS) return;
    this.#pausedUntilMs = untilMs;
    this.note(`Cloudflare takes no more requests for now: waiting ${Math.ceil(ms / 1000)} s.`);
  }

  async refused(key: string, error: KvError): Promise<void> {
    const { code, message } = error;
    if (this.#json) await noteLine(JSON.stringify({ event: "refused", key, code, message }));
    else await noteLine(`refused ${JSON.stringify(key)}: ${message}`);
  }

  /** @param total how many entries there are to copy, if that is known */
  async start(total: () => Promise<number | undefined>): Promise<void> {
    this.#bar = await entryProgress(total);
  }

  update({ entries }: CopyTotals): void {
    this.#bar?.update(entries, entries);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  async end(
    outcome: CopyOutcome,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<void> {
    const {
      totals,
      verification,
      dryRun,
      stoppedAt = null,
      doneBefore,
      resumedAt,
      contentTypesLost,
    } = outcome;
    const { written, bytes, skipped, expired, refused } = totals;
    if (doneBefore !== undefined) {
      this.note(`This copy is complete, as ${doneBefore} says. Remove that file to copy again.`);
    }
    if (contentTypesLost > 0) {
      this.note(`${amount(contentTypesLost)} had a content type, which ${to} does not keep.`);
    }
    if (this.#json) {
      return await printJson({
        event: "copied",
        entries: written,
        bytes,
        skipped: skipped + expired,
        expired,
        refused,
        from,
        to,
        dry_run: dryRun,
        resumed_at: resumedAt,
        content_types_lost: contentTypesLost,
        stopped_at: stoppedAt,
        verified: verification ?? null,
      });
    }
    const parts = [
      `${dryRun ? "Would copy" : "Copied"} ${amount(written)} (${sizeText(bytes)}) from ${from} to ${to}.`,
    ];
    if (skipped > 0) parts.push(`${amount(skipped)} skipped: the keys are there already.`);
    if (expired > 0) parts.push(`${amount(expired)} left out: expired, or about to.`);
    if (refused > 0 && stoppedAt === null) parts.push(`${amount(refused)} refused, as named above.`);
    if (stoppedAt !== null) {
      parts.push(`It ended at ${JSON.stringify(stoppedAt)}, because ${to} has that key already.`);
    }
    if (verification !== undefined) parts.push(verified(verification, to));
    await printLine(parts.join("\n"));
  }
}

function verified(
  { entries, sampled, changed }: NonNullable<CopyOutcome["verification"]>,
  to: string,
): string {
  const since = changed === 0 ? "" : ` ${amount(changed)} of them changed at the source since.`;
  return `Verified: ${to} has ${amount(entries)}; ${sampled} of those copied were read back and are the same.${since}`;
}

function amount(count: number): string {
  return countText(count, "entry", "entries");
}
