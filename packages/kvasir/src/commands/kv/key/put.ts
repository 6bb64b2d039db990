import { createReadStream } from "node:fs";
import { VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import { Command } from "commander";
import { Failure } from "../../../failure/failure.js";
import { printJson, printLine } from "../../../terminal/output.js";
import {
  type NamespaceOptions,
  parseMetadata,
  parseSeconds,
  withExamples,
  withNamespaceOptions,
} from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { parseKey } from "../key-argument.js";
import { writeEntries } from "../write-entries.js";

/** The largest expiry that put() takes, as in Workers KV. A commit takes more. */
const PUT_SECONDS_MAX = 2 ** 31 - 1;

interface PutOptions extends NamespaceOptions {
  readonly path?: string;
  readonly ttl?: number;
  readonly expiration?: number;
  readonly metadata?: object;
}

export function createCommand(): Command {
  const command = new Command("put")
    .description("Write one key. It replaces the key's value, expiry and metadata altogether.")
    .argument("<key>", "the key to write to", parseKey)
    .argument("[value]", "the value to write, unless --path is given")
    .option("--path <file>", "read the value from a file, byte for byte; - is stdin")
    .option("--ttl <seconds>", "expire after this many seconds, at least 60", parseSeconds)
    .option("--expiration <seconds>", "expire at this time, in seconds since the epoch", parseSeconds)
    .option("--metadata <json>", "a JSON object to keep beside the value, at most 1,024 bytes", parseMetadata)
    .action(put);
  return withExamples(withNamespaceOptions(command, "write to"), [
    "kvasir kv key put greeting hello --binding MY_KV",
    `kvasir kv key put session:1 abc --binding MY_KV --ttl 3600 --metadata '{"user":"ada"}'`,
    "kvasir kv key put logo --path logo.png --namespace-id 0f2ac74b498b48028cb68387c421e279",
  ]);
}

async function put(key: string, text: string | undefined, options: PutOptions): Promise<void> {
  const value = await readValue(text, options.path);
  const { expiration, ttl: expirationTtl, metadata } = options;
  await inNamespace(options, "writes", async ({ namespace, id, shown }) => {
    const entry = { expiration, expirationTtl, metadata };
    if (Math.max(expiration ?? 0, expirationTtl ?? 0) > PUT_SECONDS_MAX) {
      await writeEntries(namespace, [{ key, value, ...entry }]);
    } else {
      await namespace.put(key, value, entry);
    }
    if (options.json) return await printJson({ ok: true, namespace_id: id, key });
    const what =
      options.path === undefined ? `the value "${text}" to` : `the contents of ${options.path} to the`;
    const withMetadata = metadata === undefined ? "" : ` with metadata "${JSON.stringify(metadata)}"`;
    await printLine(`Writing ${what} key "${key}" on namespace ${shown}${withMetadata}.`);
  });
}

async function readValue(text: string | undefined, path: string | undefined): Promise<Uint8Array> {
  if ((text === undefined) === (path === undefined)) {
    throw new Failure("Give the value either as an argument or with --path.", {
      hint: "For example `kvasir kv key put greeting hello --binding MY_KV`.",
    });
  }
  if (path === undefined) return Buffer.from(text ?? "", "utf8");
  return await readBounded(path === "-" ? process.stdin : createReadStream(path), path);
}

/** Stops at the limit: a device or a pipe may never end, and a file may grow. */
async function readBounded(source: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    parts.push(part);
    size += part.length;
    if (size > VALUE_BYTES_MAX) {
      throw new Failure(`${path === "-" ? "stdin" : path} has more than ${VALUE_BYTES_MAX} bytes.`, {
        hint: `A value has at most ${VALUE_BYTES_MAX} bytes (25 MiB): split it over several keys.`,
      });
    }
  }
  return Buffer.concat(parts);
}
