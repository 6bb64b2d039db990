import { isUtf8 } from "node:buffer";
import { BULK_GET_KEYS_MAX, type KVNamespace } from "@kvasir/client/namespace";
import { type EntrySource, encodeEntry, entryAt, type PortableEntry } from "@kvasir/store";
import { Command } from "commander";
import { writeOut } from "../../../terminal/output.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { batchesOf } from "./batches.js";
import { readKeys } from "./input.js";

interface BulkGetOptions extends NamespaceOptions {
  readonly entries?: boolean;
}

export function createCommand(): Command {
  const command = new Command("get")
    .description(
      "Read the keys that a JSON file names, and print a JSON object of their values as text, as wrangler\n" +
        "does; null for keys that are not there, and an object with `base64: true` for a value that is not\n" +
        "text. The file is an array of keys, or what `kv key list` prints. `kv bulk put` takes the output.",
    )
    .argument("<file>", "the JSON file")
    .option("--entries", "print an array of entries with metadata and expiry, from which nothing is missing")
    .action(bulkGet);
  return withExamples(withNamespaceOptions(command, "read from"), [
    `echo '["a","b"]' > keys.json`,
    "kvasir kv bulk get keys.json --binding MY_KV",
    "kvasir kv bulk get keys.json --binding MY_KV --entries > entries.json",
  ]);
}

async function bulkGet(file: string, options: BulkGetOptions): Promise<void> {
  const keys = [...new Set(await readKeys(file))];
  await inNamespace({ preview: false, ...options }, "reads", async ({ namespace, id, data }) => {
    const source = data.source(id);
    const colon = options.json ? ":" : ": ";
    const items = options.entries ? entriesOf(source, keys) : valuesOf({ namespace, source, keys, colon });
    const [open, close] = options.entries ? ["[", "]"] : ["{", "}"];
    // Not JSON.stringify of an object, which would put integer-like keys first and lose `__proto__`.
    const [separator, end] = options.json ? [",", `${close}\n`] : [",\n  ", `\n${close}\n`];
    const start = options.json ? open : `${open}\n  `;
    let before = start;
    for await (const item of items) {
      await writeOut(before + item);
      before = separator;
    }
    await writeOut(before === separator ? end : `${open}${close}\n`);
  });
}

/** The members of wrangler's object. */
async function* valuesOf({
  namespace,
  source,
  keys,
  colon,
}: {
  readonly namespace: KVNamespace;
  readonly source: EntrySource;
  readonly keys: readonly string[];
  readonly colon: string;
}): AsyncGenerator<string, void> {
  for (const batch of batchesOf(keys, { size: BULK_GET_KEYS_MAX, bytesMax: Infinity, bytesOf: () => 0 })) {
    for (const [key, text] of await namespace.get([...batch], "text")) {
      // What is not text has this character where its bytes were.
      const entry = text?.includes("\ufffd") ? await entryAt(source, key) : undefined;
      const isText = entry === undefined || isUtf8(entry.value);
      yield `${JSON.stringify(key)}${colon}${isText ? JSON.stringify(text) : fieldsOf(entry)}`;
    }
  }
}

/** The items of the array that `kv bulk put` takes. */
async function* entriesOf(source: EntrySource, keys: readonly string[]): AsyncGenerator<string, void> {
  for (const batch of batchesOf(keys, { size: READ_TOGETHER, bytesMax: Infinity, bytesOf: () => 0 })) {
    for (const entry of await Promise.all(batch.map((key) => entryAt(source, key)))) {
      if (entry !== undefined) yield encodeEntry(entry, "json");
    }
  }
}

/** Requests to a server at a time. Each may return the largest value. */
const READ_TOGETHER = 4;

/** An entry without its key. */
function fieldsOf(entry: PortableEntry): string {
  const { key: _key, ...fields } = JSON.parse(encodeEntry(entry, "json"));
  return JSON.stringify(fields);
}
