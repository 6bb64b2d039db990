import { TRANSFER_BATCH_BYTES, TRANSFER_BATCH_ENTRIES } from "@kvasir/store";
import { Command } from "commander";
import { printJson, printLine } from "../../../terminal/output.js";
import {
  type NamespaceOptions,
  parseMetadata,
  parseSeconds,
  withExamples,
  withNamespaceOptions,
} from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { batchesOf, forEachBatch } from "./batches.js";
import { readEntries } from "./input.js";

interface BulkPutOptions extends NamespaceOptions {
  readonly ttl?: number;
  readonly expiration?: number;
  readonly metadata?: object;
}

export function createCommand(): Command {
  const command = new Command("put")
    .description(
      "Write the entries of a JSON file: an array of objects with `key` and `value`, and optionally\n" +
        "`expiration`, `expiration_ttl`, `metadata`, and `base64: true` where the value is base64. What\n" +
        "`kv bulk get` prints is such a file too. Nothing is written if an item cannot be stored.",
    )
    .argument("<file>", "the JSON file")
    .option("--ttl <seconds>", "expiry of entries that name none, in seconds from now", parseSeconds)
    .option("--expiration <seconds>", "the same, in seconds since the epoch", parseSeconds)
    .option("--metadata <json>", "metadata of entries that have none, a JSON object", parseMetadata)
    .action(bulkPut);
  return withExamples(withNamespaceOptions(command, "write to"), [
    `echo '[{"key":"a","value":"1"},{"key":"b","value":"2","expiration_ttl":3600}]' > entries.json`,
    "kvasir kv bulk put entries.json --binding MY_KV",
  ]);
}

async function bulkPut(file: string, options: BulkPutOptions): Promise<void> {
  const { ttl: expirationTtl, expiration, metadata } = options;
  const entries = await readEntries(file, { expirationTtl, expiration, metadata });
  await inNamespace(options, "writes", async ({ data, id }) => {
    const sink = data.sink(id);
    const batches = batchesOf(entries, {
      size: TRANSFER_BATCH_ENTRIES,
      bytesMax: TRANSFER_BATCH_BYTES,
      bytesOf: ({ value }) => value.byteLength,
    });
    await forEachBatch(batches, { total: entries.length, done: "written" }, async (batch) => {
      const { refused } = await sink.write(batch);
      const [first] = refused;
      if (first !== undefined) throw first.error;
    });
    if (options.json) await printJson({ ok: true, namespace_id: id, count: entries.length });
    else await printLine("Success!");
  });
}
