import { existsSync } from "node:fs";
import { checkBackup, kindOf, ringFolders } from "@kvasir/store";
import { Command, Option } from "commander";
import { describeFailure, Failure } from "../../failure/failure.js";
import { CHILD_FLAG, checkData, checkForParent } from "../../server/check-process.js";
import { dataDirectory, directoryIn, isInCluster } from "../../server/data-directory.js";
import { isLocal, withData } from "../data/open-data.js";
import { type DataOptions, withDataOptions, withExamples } from "../options/options.js";
import { type CheckedPlace, printReports } from "./print-report.js";

interface CheckOptions extends DataOptions {
  readonly inThisProcess?: boolean;
}

/** Exit code when something is damaged. */
const NOT_SOUND = 1;
/** Exit code when it could not be checked. */
const COULD_NOT_LOOK = 2;

export function createCommand(): Command {
  const command = withDataOptions(
    new Command("check")
      .description(
        "Read all data, compare every index with every entry and every checksum with its data, and name what is\n" +
          "damaged. Changes nothing, and works while a server has the data open.\n" +
          "Exit code 0: sound; 1: not; 2: it could not look.",
      )
      .argument("[path]", "a data directory, a backup, or a ring of backups, whose backups are all checked"),
  )
    .addOption(new Option(CHILD_FLAG).hideHelp())
    .action(check);
  return withExamples(command, [
    "kvasir check",
    "kvasir check backups/ring",
    "kvasir check --data /var/lib/kvasir --json",
    "kvasir check --url http://127.0.0.1:8788",
  ]);
}

async function check(path: string | undefined, options: CheckOptions): Promise<void> {
  if (options.inThisProcess) return await checkForParent(dataDirectory(options));
  const places = await lookAt(path, options).catch((error: unknown) => {
    const { message, hint } = describeFailure(error);
    throw new Failure(message, { hint, exitCode: COULD_NOT_LOOK, cause: error });
  });
  // First, because printing may end the process.
  if (places.some(({ report }) => report.problemCount > 0)) process.exitCode = NOT_SOUND;
  await printReports(places, options.json === true);
}

async function lookAt(path: string | undefined, options: CheckOptions): Promise<readonly CheckedPlace[]> {
  if (path !== undefined) {
    if (options.data !== undefined) {
      throw new Failure("Both a path and --data say what to check.", { hint: "Give one of them." });
    }
    return await lookAtPath(directoryIn(path, "Give it with --data, or the path of a directory."));
  }
  if (isLocal(options) && !isInCluster(options)) return await lookAtPath(dataDirectory(options));
  return await withData(options, "reads", async ({ admin, place }) => [
    { place, report: await admin.data.check() },
  ]);
}

async function lookAtPath(path: string): Promise<readonly CheckedPlace[]> {
  switch (kindOf(path)) {
    case "data":
      return [{ place: path, report: await checkData(path) }];
    case "backup":
      return [await lookAtBackup(path)];
    case "ring": {
      const places: CheckedPlace[] = [];
      for (const backup of ringFolders(path)) places.push(await lookAtBackup(backup));
      return places;
    }
    case "nothing":
      throw new Failure(`There are no data in ${path}${existsSync(path) ? "" : ", which does not exist"}.`, {
        hint: "Give --data the directory that the server uses, or the path of a backup or a ring of backups.",
      });
  }
}

async function lookAtBackup(place: string): Promise<CheckedPlace> {
  return { place, report: await checkBackup(place, (directory) => checkData(directory)) };
}
