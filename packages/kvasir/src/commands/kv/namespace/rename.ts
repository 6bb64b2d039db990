import { Command } from "commander";
import { Failure } from "../../../failure/failure.js";
import { printJson, printLine } from "../../../terminal/output.js";
import { type TargetOptions, withExamples, withTargetOptions } from "../../options.js";
import { withTarget } from "../../target/open-target.js";
import { findByTitle } from "./find-by-title.js";

interface RenameOptions extends TargetOptions {
  readonly namespaceId?: string;
  readonly newName: string;
}

export function createCommand(): Command {
  const command = new Command("rename")
    .description("Give a namespace another title. Its id and its data stay as they are.")
    .argument("[old-name]", "its present title, unless --namespace-id is given")
    .option("--namespace-id <id>", "the id of the namespace to rename")
    .requiredOption("--new-name <title>", "its new title")
    .action(rename);
  return withExamples(withTargetOptions(command), [
    "kvasir kv namespace rename sessions --new-name user-sessions",
    "kvasir kv namespace rename --namespace-id 0f2ac74b498b48028cb68387c421e279 --new-name user-sessions",
  ]);
}

async function rename(oldName: string | undefined, options: RenameOptions): Promise<void> {
  if ((oldName === undefined) === (options.namespaceId === undefined)) {
    throw new Failure("Say which namespace in exactly one way.", {
      hint: "Give its present title or --namespace-id.",
    });
  }
  await withTarget(options, "reads", async (target) => {
    const id = options.namespaceId ?? (await findByTitle(target, oldName ?? "")).id;
    const renamed = await target.renameNamespace(id, options.newName);
    if (options.json) await printJson(renamed);
    else await printLine(`Renamed the namespace ${renamed.id} to "${renamed.title}".`);
  });
}
