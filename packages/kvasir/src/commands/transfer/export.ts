import { type EntryFormat, encodeEntries, type NamespaceHeader } from "@kvasir/store";
import { Command, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import { noteLine, printLine } from "../../terminal/output.js";
import { type EntryProgress, entryProgress } from "../../terminal/progress-bar.js";
import type { DataSource } from "../data/data-source.js";
import { withData } from "../data/open-data.js";
import { namingNamespace } from "../kv/namespace-failures.js";
import { chooseNamespace } from "../options/namespace-choice.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../options/options.js";
import { countText, durationText, sizeText } from "./figures.js";
import { writeOutput } from "./output-file.js";

interface ExportCommandOptions extends NamespaceOptions {
  readonly all?: boolean;
  readonly prefix?: string;
  readonly format: EntryFormat;
}

export function createCommand(): Command {
  const command = new Command("export")
    .description(
      "Write the entries of a namespace, with all that belongs to them, to a file as JSON Lines.\n" +
        "`kvasir import` reads it. The file has its name only when it is complete. `.gz` and `.zst` at the\n" +
        "end of the name compress it.",
    )
    .argument("[file]", "the file to write; `-` is standard output", "-")
    .option("--all", "export all namespaces, one after the other")
    .option("--prefix <text>", "only keys that start with it")
    .addOption(
      new Option("--format <form>", "`json` is the array that `wrangler kv bulk put` takes")
        .choices(["jsonl", "json"])
        .default("jsonl"),
    )
    .action(exportEntries);
  return withExamples(withNamespaceOptions(command, "export"), [
    "kvasir export --binding MY_KV my-kv.jsonl",
    "kvasir export --all backup.jsonl.zst --url https://kv.example.com",
    "kvasir export --binding MY_KV --format json for-wrangler.json",
  ]);
}

interface Totals {
  entries: number;
  bytes: number;
  namespaces: number;
}

async function exportEntries(file: string, options: ExportCommandOptions): Promise<void> {
  if (options.all && options.format === "json") {
    throw new Failure("--format json has no place for the names of several namespaces.", {
      hint: "Leave out --all or --format.",
    });
  }
  const startedMs = performance.now();
  const totals: Totals = { entries: 0, bytes: 0, namespaces: 0 };
  await withChosen(options, async (data, ids) => {
    const bar = await entryProgress(async () => countOf(data, ids, options.prefix));
    try {
      await writeOutput(file, chunksOf({ data, ids, options, totals, bar }));
    } finally {
      bar.stop();
    }
  });
  const { entries, bytes, namespaces } = totals;
  // Standard output holds the data and nothing else.
  const say = file === "-" ? noteLine : printLine;
  if (options.json) {
    await say(JSON.stringify({ event: "exported", entries, bytes, skipped: 0, refused: 0, namespaces }));
  } else {
    const took = durationText(performance.now() - startedMs);
    const where = file === "-" ? "" : ` to ${file}`;
    await say(`Exported ${countText(entries, "entry", "entries")} (${sizeText(bytes)})${where} in ${took}.`);
  }
}

async function withChosen(
  options: ExportCommandOptions,
  work: (data: DataSource, ids: readonly string[]) => Promise<void>,
): Promise<void> {
  if (options.all) {
    if (options.binding !== undefined || options.namespaceId !== undefined) {
      throw new Failure("--all leaves no namespace to choose.", {
        hint: "Give either --all, or --binding or --namespace-id.",
      });
    }
    await withData(options, "reads", async (data) => {
      await work(
        data,
        (await data.admin.namespaces.list()).map(({ id }) => id),
      );
    });
    return;
  }
  const { id, title } = await chooseNamespace(options);
  await withData(options, "reads", async (data) => {
    if (title !== undefined) await data.ensureNamespace(id, title);
    await namingNamespace({ id }, () => work(data, [id]));
  });
}

/** For the bar. Keys are counted many times faster than they are exported. */
async function countOf(
  data: DataSource,
  ids: readonly string[],
  prefix: string | undefined,
): Promise<number> {
  let count = 0;
  for (const id of ids) count += await data.namespace(id).count({ prefix });
  return count;
}

async function* chunksOf({
  data,
  ids,
  options: { format, prefix },
  totals,
  bar,
}: {
  readonly data: DataSource;
  readonly ids: readonly string[];
  readonly options: ExportCommandOptions;
  readonly totals: Totals;
  readonly bar: EntryProgress;
}): AsyncGenerator<Uint8Array, void> {
  for (const id of ids) {
    const namespace: NamespaceHeader = await data.header(id);
    totals.namespaces++;
    yield* encodeEntries(data.source(id), {
      format,
      prefix,
      header: { namespace, nowMs: Date.now() },
      onBatch(batch) {
        totals.entries += batch.length;
        for (const { value } of batch) totals.bytes += value.byteLength;
        bar.update(totals.entries, totals.entries);
      },
    });
  }
}
