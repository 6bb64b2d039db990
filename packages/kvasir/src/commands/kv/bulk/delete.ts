import { Command } from "commander";
import { confirm } from "../../../terminal/confirm.js";
import { noteLine, printJson, printLine } from "../../../terminal/output.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { batchesOf, forEachBatch } from "./batches.js";
import { readKeys } from "./input.js";

interface BulkDeleteOptions extends NamespaceOptions {
  readonly force?: boolean;
}

export function createCommand(): Command {
  const command = new Command("delete")
    .description(
      "Delete the keys that a JSON file names: an array of keys, or what `kv key list` prints.\n" +
        "Asks first; where nobody can answer (no terminal, CI) it goes ahead, as wrangler does.",
    )
    .argument("<file>", "the JSON file")
    .option("-f, --force", "do not ask")
    .action(bulkDelete);
  return withExamples(withNamespaceOptions(command, "delete from"), [
    "kvasir kv key list --binding MY_KV --prefix tmp: > keys.json",
    "kvasir kv bulk delete keys.json --binding MY_KV --force",
  ]);
}

async function bulkDelete(file: string, options: BulkDeleteOptions): Promise<void> {
  const keys = await readKeys(file);
  await inNamespace(options, "writes", async ({ data, id, shown }) => {
    const question = `Are you sure you want to delete all the keys read from "${file}" from kv-namespace ${shown}?`;
    const json = options.json === true;
    if (!(options.force || (await confirm(question, { json })))) {
      return await noteLine(`Not deleting keys read from "${file}".`);
    }
    const batches = batchesOf(keys, { size: DELETED_AT_ONCE, bytesMax: Infinity, bytesOf: () => 0 });
    await forEachBatch(batches, { total: keys.length, done: "deleted" }, (batch) =>
      data.deleteKeys(id, batch),
    );
    if (json) await printJson({ ok: true, namespace_id: id, count: keys.length });
    else await printLine("Success!");
  });
}

/** Keys that are deleted before the next ones are. */
const DELETED_AT_ONCE = 10_000;
