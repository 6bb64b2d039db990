import { BULK_GET_KEYS_MAX } from "@kvasir/client/namespace";
import { Command } from "commander";
import { writeOut } from "../../../terminal/output.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { batchesOf } from "./batches.js";
import { readKeys } from "./input.js";

export function createCommand(): Command {
  const command = new Command("get")
    .description(
      "Read the keys that a JSON file names, and print a JSON object of their values as text;\n" +
        "null for keys that are not there. The file is an array of keys, or what `kv key list` prints.",
    )
    .argument("<file>", "the JSON file")
    .action(bulkGet);
  return withExamples(withNamespaceOptions(command, "read from"), [
    `echo '["a","b"]' > keys.json`,
    "kvasir kv bulk get keys.json --binding MY_KV",
  ]);
}

async function bulkGet(file: string, options: NamespaceOptions): Promise<void> {
  const keys = [...new Set(await readKeys(file))];
  await inNamespace({ preview: false, ...options }, "reads", async ({ namespace }) => {
    const compact = options.json === true;
    // Not JSON.stringify of an object, which would put integer-like keys first and lose `__proto__`.
    const [separator, colon, end] = compact ? [",", ":", "}\n"] : [",\n  ", ": ", "\n}\n"];
    let before = compact ? "{" : "{\n  ";
    const batches = batchesOf(keys, { size: BULK_GET_KEYS_MAX, bytesMax: Infinity, bytesOf: () => 0 });
    for (const batch of batches) {
      for (const [key, value] of await namespace.get([...batch], "text")) {
        await writeOut(before + JSON.stringify(key) + colon + JSON.stringify(value));
        before = separator;
      }
    }
    await writeOut(before === separator ? end : "{}\n");
  });
}
