import { Command } from "commander";
import { Failure } from "../../../failure/failure.js";
import { printJson, printLine } from "../../../terminal/output.js";
import { withData } from "../../data/open-data.js";
import { type DataOptions, withDataOptions, withExamples } from "../../options/options.js";
import { namingNamespace } from "../namespace-failures.js";
import { findByTitle } from "./find-by-title.js";

interface RenameOptions extends DataOptions {
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
  return withExamples(withDataOptions(command), [
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
  await withData(options, "reads", async ({ admin }) => {
    const id = options.namespaceId ?? (await findByTitle(admin, oldName ?? "")).id;
    const title = options.newName;
    const renamed = await namingNamespace({ id, title }, () => admin.namespaces.rename(id, title));
    if (options.json) await printJson(renamed);
    else await printLine(`Renamed the namespace ${renamed.id} to "${renamed.title}".`);
  });
}
