import { Command } from "commander";
import { printJson, printLine } from "../../../terminal/output.js";
import { type TargetOptions, withExamples, withTargetOptions } from "../../options.js";
import { withTarget } from "../../target/open-target.js";

export function createCommand(): Command {
  const command = new Command("list")
    .description("List the namespaces by title, as a JSON array.")
    .action(list);
  return withExamples(withTargetOptions(command), [
    "kvasir kv namespace list",
    "kvasir kv namespace list --json | jq -r '.[].id'",
  ]);
}

async function list(options: TargetOptions): Promise<void> {
  const namespaces = await withTarget(options, "reads", (target) => target.listNamespaces());
  const shown = namespaces.map(({ id, title }) => ({ id, title, supports_url_encoding: true }));
  if (options.json) await printJson(shown);
  else await printLine(JSON.stringify(shown, null, 2));
}
