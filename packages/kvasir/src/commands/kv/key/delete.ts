import { Command } from "commander";
import { printJson, printLine } from "../../../terminal/output.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { parseKey } from "../key-argument.js";

export function createCommand(): Command {
  const command = new Command("delete")
    .description("Delete one key. Deleting a key that is not there succeeds.")
    .argument("<key>", "the key to delete", parseKey)
    .action(deleteKey);
  return withExamples(withNamespaceOptions(command, "delete from"), [
    "kvasir kv key delete greeting --binding MY_KV",
  ]);
}

async function deleteKey(key: string, options: NamespaceOptions): Promise<void> {
  await inNamespace(options, "writes", async ({ namespace, id, shown }) => {
    await namespace.delete(key);
    if (options.json) await printJson({ ok: true, namespace_id: id, key });
    else await printLine(`Deleting the key "${key}" on namespace ${shown}.`);
  });
}
