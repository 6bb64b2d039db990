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
import { type NewEntry, writeEntries } from "../write-entries.js";
import { BULK_ENTRIES_MAX, BULK_REQUEST_BYTES_MAX, batchesOf } from "./batches.js";
import { type BulkEntry, readEntries } from "./input.js";

interface BulkPutOptions extends NamespaceOptions {
  readonly ttl?: number;
  readonly expiration?: number;
  readonly metadata?: object;
}

export function createCommand(): Command {
  const command = new Command("put")
    .description(
      "Write the entries of a JSON file: an array of objects with `key` and `value`, and optionally\n" +
        "`expiration`, `expiration_ttl`, `metadata`, and `base64: true` where the value is base64.",
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
  const limits = { size: BULK_ENTRIES_MAX, bytesMax: BULK_REQUEST_BYTES_MAX };
  await inNamespace(options, "writes", async ({ namespace, id }) => {
    for (const batch of batchesOf(entries, {
      ...limits,
      // base64 is longer than its bytes: an upper bound that needs no decoding.
      bytesOf: ({ value, base64 }) => (base64 ? value.length : Buffer.byteLength(value)),
    })) {
      await writeEntries(namespace, batch.map(decoded));
    }
    if (options.json) await printJson({ ok: true, namespace_id: id, count: entries.length });
    else await printLine("Success!");
  });
}

function decoded({ value, base64, ...entry }: BulkEntry): NewEntry {
  return { ...entry, value: Buffer.from(value, base64 ? "base64" : "utf8") };
}
