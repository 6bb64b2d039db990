import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CheckReport, DATA_FILE } from "@kvasir/store";
import { Command, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import { CHILD_FLAG, checkForParent, checkInChild } from "../../server/check-process.js";
import { dataDirectory } from "../../server/data-directory.js";
import { printJson, printLine } from "../../terminal/output.js";
import { type ConfigOptions, dataOption, withConfigOptions, withExamples } from "../options/options.js";

interface CheckOptions extends ConfigOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly inThisProcess?: boolean;
}

/** Exit code when the directory is damaged. */
const NOT_SOUND = 1;
/** Exit code when the directory could not be checked. */
const COULD_NOT_LOOK = 2;

export function createCommand(): Command {
  const command = withConfigOptions(
    new Command("check").description(
      "Read everything in a data directory, compare every index with every entry and every checksum with its data,\n" +
        "and name what is damaged. Changes nothing, and works while a server has the directory open.\n" +
        "Exit code 0: sound; 1: not; 2: it could not look.",
    ),
  )
    .addOption(dataOption("data directory to check"))
    .option("--json", "print a line of JSON for each problem and one at the end, errors too")
    .addOption(new Option(CHILD_FLAG).hideHelp())
    .action(check);
  return withExamples(command, ["kvasir check", "kvasir check --data /var/lib/kvasir --json"]);
}

async function check(options: CheckOptions): Promise<void> {
  const directory = dataDirectory(options);
  if (options.inThisProcess) return await checkForParent(directory);
  if (!existsSync(join(directory, DATA_FILE))) {
    throw new Failure(`There are no data in ${directory}.`, {
      hint: "Give --data the directory that the server uses.",
      exitCode: COULD_NOT_LOOK,
    });
  }
  const outcome = await checkInChild(directory);
  if (outcome.type === "failed") {
    const { message, hint } = outcome.failure;
    throw new Failure(message, { hint, exitCode: COULD_NOT_LOOK });
  }
  await print(outcome.report, directory, options.json === true);
  if (outcome.report.problemCount > 0) process.exitCode = NOT_SOUND;
}

async function print(report: CheckReport, directory: string, json: boolean): Promise<void> {
  const { entries, bytes, problemCount, problems } = report;
  for (const problem of problems) {
    if (json) await printJson({ event: "problem", ...problem });
    else await printLine(problem.message);
  }
  if (json) {
    await printJson({ event: "checked", entries, bytes, skipped: 0, refused: 0, problems: problemCount });
  } else if (problemCount === 0) {
    await printLine(`${directory} is sound: ${entries} entries, ${bytes} bytes of values.`);
  } else {
    const more = problemCount - problems.length;
    if (more > 0) await printLine(`… and ${more} more.`);
    await printLine(
      `${directory} is damaged, problems: ${problemCount}. Write or delete the damaged keys, or restore a backup.`,
    );
  }
}
