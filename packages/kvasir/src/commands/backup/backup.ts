import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { describeFailure, endSentence } from "../../failure/failure.js";
import { RING_KEEP } from "../../server/limits.js";
import { finishWithoutReader, noteLine } from "../../terminal/output.js";
import { type DataOptions, withDataOptions, withExamples } from "../options/options.js";
import { makeBackup } from "./make-backup.js";
import { parseEvery, parseKeep } from "./ring-options.js";
import { catchStopSignals } from "./stop-signals.js";

interface BackupOptions extends DataOptions {
  /** In milliseconds. */
  readonly every?: number;
  readonly keep?: number;
}

export function createCommand(): Command {
  const command = new Command("backup")
    .description(
      "Copy all data as of one moment to a new folder, while servers go on, and check the copy.\n" +
        "Namespace ids and tokens are kept. With --every or --keep the path is a ring: a folder that gets one\n" +
        "backup after the other, and loses the oldest one when a newer one was found sound.",
    )
    .argument("<path>", "the folder to make, or the ring of backups to add to")
    .option("--every <time>", "go on until stopped, with a backup each 30s, 5m, 1h or 1d", parseEvery)
    .option("--keep <number>", `backups that the ring keeps (default: ${RING_KEEP})`, parseKeep)
    .action(backup);
  return withExamples(withDataOptions(command), [
    "kvasir backup backups/before-the-upgrade",
    "kvasir backup backups/ring --every 5m --keep 48 --data /var/lib/kvasir",
    "KVASIR_TOKEN=$ADMIN_TOKEN kvasir backup copy --url http://127.0.0.1:8788",
  ]);
}

async function backup(path: string, options: BackupOptions): Promise<void> {
  const stop = catchStopSignals();
  const { signal } = stop;
  try {
    if (options.every !== undefined)
      return await keepBackingUp(path, options, { signal, everyMs: options.every });
    finishWithoutReader();
    await makeBackup(options, { path, keep: options.keep, signal });
  } finally {
    stop.release();
  }
}

/**
 * Makes backups until a signal. Only the first failure ends it: later ones, such as a full disk, may pass, and the
 * backups that are there stay.
 */
async function keepBackingUp(
  path: string,
  options: BackupOptions,
  { signal, everyMs }: { readonly signal: AbortSignal; readonly everyMs: number },
): Promise<void> {
  const { keep = RING_KEEP } = options;
  for (let made = 0; !signal.aborted; ) {
    // Not the clock of the day, which may be set.
    const startedMs = performance.now();
    try {
      await makeBackup(options, { path, keep, signal });
      made++;
      process.exitCode = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (made === 0) throw error;
      await reportFailure(error, options.json === true);
      process.exitCode = 1;
    }
    const restMs = Math.max(0, everyMs - (performance.now() - startedMs));
    await wait(restMs, undefined, { signal }).catch(() => {});
  }
}

async function reportFailure(error: unknown, json: boolean): Promise<void> {
  const { message, hint, code } = describeFailure(error);
  if (json) return await noteLine(JSON.stringify({ event: "error", message, hint, code }));
  const sentences = [message, hint, "The next one is tried in time."].filter((text) => text !== undefined);
  await noteLine(`error: ${sentences.map(endSentence).join(" ")}`);
}
