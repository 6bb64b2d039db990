import { findBackup, type RestoreReport, restoreBackup } from "@kvasir/store";
import { Command, InvalidArgumentError, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import { CLUSTER_BACKUPS, directoryIn } from "../../server/data-directory.js";
import { finishWithoutReader, printJson, printLine } from "../../terminal/output.js";
import { byteProgress } from "../../terminal/progress-bar.js";
import { jsonOption, withExamples } from "../options/options.js";
import { parseDate } from "../options/times.js";
import { catchStopSignals } from "./stop-signals.js";

interface RestoreOptions {
  readonly data: string;
  /** In milliseconds since the epoch. */
  readonly at?: number;
  readonly url?: string;
  readonly json?: boolean;
}

export function createCommand(): Command {
  const command = new Command("restore")
    .description(
      "Make a data directory from a backup, or from one of a ring of backups. Data that are there already are\n" +
        "never replaced; other files in the directory stay.",
    )
    .argument("<path>", "the backup, or the ring of backups")
    .requiredOption("--data <dir>", "the data directory to make")
    .option(
      "--at <time>",
      "of a ring, the newest backup that is not later, such as 2027-01-31T12:00:00Z (default: the newest)",
      parseAt,
    )
    .addOption(new Option("--url <url>").hideHelp())
    .addOption(jsonOption())
    .action(restore);
  return withExamples(command, [
    "kvasir restore backups/before-the-upgrade --data /var/lib/kvasir",
    "kvasir restore backups/ring --at 2027-01-31T12:00:00Z --data yesterday",
  ]);
}

async function restore(path: string, { data, at, url, json = false }: RestoreOptions): Promise<void> {
  if (url !== undefined) {
    throw new Failure("A running server has data already, and a restore replaces none.", {
      hint: "Leave --url out: restore to a folder with --data, and start a server there.",
    });
  }
  finishWithoutReader();
  const stop = catchStopSignals();
  const progress = await byteProgress({ json });
  try {
    const directory = directoryIn(data, CLUSTER_BACKUPS);
    const report = await restoreBackup(findBackup(path, at), directory, {
      signal: stop.signal,
      onProgress: ({ bytes, bytesTotal }) => progress.update(bytes, bytesTotal),
    });
    progress.stop();
    await print(report, json);
  } finally {
    progress.stop();
    stop.release();
  }
}

async function print({ path, directory, atMs, entries, bytes }: RestoreReport, json: boolean): Promise<void> {
  const at = new Date(atMs).toISOString();
  if (json) {
    return await printJson({
      event: "restored",
      entries,
      bytes,
      skipped: 0,
      refused: 0,
      path,
      at,
      directory,
    });
  }
  const what = entries === null ? "all data" : `${entries} entries, ${bytes} bytes of values`;
  await printLine(`Restored ${what}, as of ${at}, from ${path} to ${directory}`);
}

function parseAt(text: string): number {
  const atMs = parseDate(text);
  if (atMs === undefined) {
    throw new InvalidArgumentError("It must be a date or a time such as 2027-01-31 or 2027-01-31T12:00:00Z.");
  }
  return atMs;
}
