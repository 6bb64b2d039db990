import { Command } from "commander";
import { noteLine, printJson, printLine } from "../../../terminal/output.js";
import { withData } from "../../data/open-data.js";
import { type DataOptions, withDataOptions, withExamples } from "../../options/options.js";

export function createCommand(): Command {
  const command = new Command("list")
    .description("List the namespaces by title, as a JSON array.")
    .action(list);
  return withExamples(withDataOptions(command), [
    "kvasir kv namespace list",
    "kvasir kv namespace list --json | jq -r '.[].id'",
  ]);
}

async function list(options: DataOptions): Promise<void> {
  const namespaces = await withData(options, "reads", async ({ admin, advice }) => {
    for (const sentence of await advice()) await noteLine(sentence);
    return await admin.namespaces.list();
  });
  const shown = namespaces.map(({ id, title }) => ({ id, title, supports_url_encoding: true }));
  if (options.json) await printJson(shown);
  else await printLine(JSON.stringify(shown, null, 2));
}
