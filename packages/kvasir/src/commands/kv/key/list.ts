import type { KVNamespace } from "@kvasir/client/namespace";
import { Command } from "commander";
import { writeOut } from "../../../terminal/output.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { inNamespace } from "../in-namespace.js";

interface ListedKey {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly expiration: number | undefined;
  readonly metadata: unknown;
}

interface ListOptions extends NamespaceOptions {
  readonly prefix?: string;
}

export function createCommand(): Command {
  const command = new Command("list")
    .description(
      "List the keys of a namespace with their expiry and metadata, as a JSON array, in byte order.",
    )
    .option("--prefix <text>", "only keys that begin with this")
    .action(list);
  return withExamples(withNamespaceOptions(command, "list"), [
    "kvasir kv key list --binding MY_KV",
    "kvasir kv key list --binding MY_KV --prefix user: | jq -r '.[].name'",
  ]);
}

async function list(options: ListOptions): Promise<void> {
  await inNamespace({ preview: false, ...options }, "reads", async ({ namespace }) => {
    await printArray(pagesOf(namespace, options.prefix), options.json === true);
  });
}

async function* pagesOf(
  namespace: KVNamespace,
  prefix: string | undefined,
): AsyncGenerator<readonly ListedKey[]> {
  let cursor: string | undefined;
  do {
    const page = await namespace.list({ prefix, cursor });
    yield page.keys.map(({ name, expiration, metadata }) => ({ name, expiration, metadata }));
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
}

/** Prints one JSON array page by page, since a namespace may be larger than memory. */
async function printArray(pages: AsyncIterable<readonly ListedKey[]>, compact: boolean): Promise<void> {
  const [separator, end] = compact ? [",", "]\n"] : [",\n", "\n]\n"];
  let before = compact ? "[" : "[\n";
  for await (const page of pages) {
    if (page.length === 0) continue;
    const items = page.map((key) => (compact ? JSON.stringify(key) : indented(key)));
    await writeOut(before + items.join(separator));
    before = separator;
  }
  await writeOut(before === separator ? end : "[]\n");
}

function indented(key: ListedKey): string {
  return JSON.stringify(key, null, 2).replaceAll(/^/gm, "  ");
}
