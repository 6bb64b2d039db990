import { Command } from "commander";
import { Failure } from "../../../failure/failure.js";
import { printJson, printLine, writeOut } from "../../../terminal/output.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";
import { parseKey } from "../key-argument.js";

interface GetOptions extends NamespaceOptions {
  readonly text?: boolean;
  readonly metadata?: boolean;
}

export function createCommand(): Command {
  const command = new Command("get")
    .description("Read one key. Its bytes go to stdout as they are; a key that is not there is an error.")
    .argument("<key>", "the key to read", parseKey)
    .option("--text", "decode the value as UTF-8 and end it with a newline")
    .option("--metadata", "print the key's metadata as JSON, and not its value")
    .action(get);
  return withExamples(withNamespaceOptions(command, "read from"), [
    "kvasir kv key get greeting --binding MY_KV --text",
    "kvasir kv key get logo --binding MY_KV > logo.png",
  ]);
}

async function get(key: string, options: GetOptions): Promise<void> {
  await inNamespace({ preview: false, ...options }, "reads", async ({ namespace, shown }) => {
    const { value, metadata } = await namespace.getWithMetadata(key, "stream");
    if (value === null) {
      throw new Failure(`There is no key "${key}" in namespace ${shown}.`, {
        hint: "See which there are with `kvasir kv key list`.",
      });
    }
    if (options.metadata) {
      await value.cancel();
      return await printJson(options.json ? { key, metadata } : metadata);
    }
    if (options.json) return await printJson({ key, ...encode(await join(value)) });
    if (options.text) return await printLine((await join(value)).toString("utf8"));
    for await (const part of value) await writeOut(part);
  });
}

async function join(value: ReadableStream<Uint8Array>): Promise<Buffer> {
  const all = [];
  for await (const part of value) all.push(part);
  return Buffer.concat(all);
}

/** A value for JSON: text, or base64 if the bytes are not UTF-8. `kv bulk put` takes both forms. */
function encode(bytes: Buffer): { value: string; base64?: true } {
  try {
    return { value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { value: bytes.toString("base64"), base64: true };
  }
}
