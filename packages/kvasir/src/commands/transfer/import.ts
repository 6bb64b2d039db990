import {
  countingSink,
  type EntrySink,
  type ImportReport,
  importItems,
  intoOne,
  intoTitles,
  type OnConflict,
  type RefusedItem,
  readItems,
  type SinkFor,
} from "@kvasir/store";
import { Command, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import { finishWithoutReader, noteLine, printJson, printLine } from "../../terminal/output.js";
import { entryProgress } from "../../terminal/progress-bar.js";
import type { DataSource } from "../data/data-source.js";
import { withData } from "../data/open-data.js";
import { namingNamespace } from "../kv/namespace-failures.js";
import { chooseNamespace, type NamespaceChoice } from "../options/namespace-choice.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../options/options.js";
import { countText, durationText, sizeText } from "./figures.js";
import { type InputFile, inputFailure, openInput } from "./input-file.js";

interface ImportCommandOptions extends NamespaceOptions {
  readonly create?: string;
  readonly onConflict: OnConflict;
  readonly dryRun?: boolean;
}

export function createCommand(): Command {
  const command = new Command("import")
    .description(
      "Write the entries of a file to a namespace. The file is one that `kvasir export` wrote, or an array as\n" +
        "`wrangler kv bulk put` takes it; `.gz` and `.zst` files are unpacked. Without a namespace, entries go\n" +
        "into those of the titles that the file names, which are created if they are missing. Entries that\n" +
        "cannot be stored are named, and the others are written.",
    )
    .argument("<file>", "the file to read; `-` is standard input")
    .option(
      "--create <title>",
      "import into the namespace with this title, which is created if it is missing",
    )
    .addOption(
      new Option("--on-conflict <what>", "if a key is there already; `fail` stops there")
        .choices(["overwrite", "skip", "fail"])
        .default("overwrite"),
    )
    .option("--dry-run", "only count what would be written")
    .action(importEntries);
  return withExamples(withNamespaceOptions(command, "import into"), [
    "kvasir import my-kv.jsonl --binding MY_KV",
    "kvasir import backup.jsonl.zst",
    "gunzip -c entries.json.gz | kvasir import - --create sessions --on-conflict skip",
  ]);
}

async function importEntries(file: string, options: ImportCommandOptions): Promise<void> {
  finishWithoutReader();
  const choice = await chosen(options);
  const input = await openInput(file);
  const startedMs = performance.now();
  const report = await withData(options, "writes", async (data) => {
    const run = (dryRun: boolean) =>
      namingNamespace(choice, () => importFrom(input, { data, choice, options, dryRun }));
    if (options.onConflict !== "fail" || options.dryRun || !input.isRepeatable)
      return run(options.dryRun ?? false);
    // Looks for a conflict before it writes anything.
    const trial = await run(true);
    return trial.refused > 0 && trial.stopped ? { ...trial, entries: 0, bytes: 0 } : run(false);
  });
  if (report.refused > 0) process.exitCode = 1;
  if (options.json) return printJson(jsonOf(report, options));
  await printLine(sentenceOf(report, options, performance.now() - startedMs));
}

/** The namespace that the flags name. `{}`: the file names them. */
async function chosen(options: ImportCommandOptions): Promise<Partial<NamespaceChoice>> {
  const { create, binding, namespaceId } = options;
  const hasOther = binding !== undefined || namespaceId !== undefined;
  if (create !== undefined && hasOther) {
    throw new Failure("--create names a namespace, and so does --binding or --namespace-id.", {
      hint: "Give one of them.",
    });
  }
  return hasOther ? chooseNamespace(options) : {};
}

interface ImportRun {
  readonly data: DataSource;
  readonly choice: Partial<NamespaceChoice>;
  readonly options: ImportCommandOptions;
  readonly dryRun: boolean;
}

async function importFrom(input: InputFile, run: ImportRun): Promise<ImportReport> {
  let bytesRead = 0;
  const bar = await entryProgress(async () => input.bytes);
  try {
    const chunks = input.chunks((bytes) => {
      bytesRead = bytes;
    });
    return await importItems(readItems(chunks, { nowMs: Date.now }), {
      sinkFor: sinkFor(run),
      onRefused: (item) => tell(item, run),
      onProgress: ({ entries, skipped, expired }) => bar.update(entries + skipped + expired, bytesRead),
    });
  } catch (error) {
    throw inputFailure(input, error);
  } finally {
    bar.stop();
  }
}

function sinkFor({ data, choice: { id, title: configTitle }, options, dryRun }: ImportRun): SinkFor {
  const sink = (namespace: string) => data.sink(namespace, { onConflict: options.onConflict, dryRun });
  const { create } = options;
  if (id !== undefined) {
    return intoOne(async () => {
      if (configTitle !== undefined) await data.ensureNamespace(id, configTitle);
      return sink(id);
    });
  }
  const byTitle = async (title: string, attributes: Readonly<Record<string, string>>): Promise<EntrySink> => {
    if (!dryRun) return sink(await data.ensureTitle({ title, attributes }));
    const found = (await data.admin.namespaces.list()).find((namespace) => namespace.title === title);
    return found === undefined ? countingSink(Date.now) : sink(found.id);
  };
  if (create !== undefined) return intoOne(() => byTitle(create, {}));
  return intoTitles(({ title, attributes }) => byTitle(title, attributes));
}

async function tell(
  { unit, number, key, error }: RefusedItem,
  { options, dryRun }: ImportRun,
): Promise<void> {
  const { code, message } = error;
  // The import that follows a look for conflicts tells the rest.
  if (dryRun && !options.dryRun && code !== "condition_failed") return;
  if (options.json) return noteLine(JSON.stringify({ event: "refused", [unit]: number, key, code, message }));
  const which = key === undefined ? "" : ` (key ${JSON.stringify(key)})`;
  await noteLine(`${unit} ${number}${which}: ${message}`);
}

/** `skipped` counts everything that was left out although it could be stored. */
function jsonOf(report: ImportReport, options: ImportCommandOptions): object {
  const { entries, bytes, skipped, expired, refused } = report;
  const dryRun = options.dryRun ? { dry_run: true } : {};
  return { event: "imported", entries, bytes, skipped: skipped + expired, expired, refused, ...dryRun };
}

function sentenceOf(report: ImportReport, options: ImportCommandOptions, ms: number): string {
  const { entries, bytes, skipped, expired, refused, stopped } = report;
  const verb = options.dryRun ? "Would import" : "Imported";
  const details = [
    skipped > 0 && `${countText(skipped, "was", "were")} there already`,
    expired > 0 && `${countText(expired, "had", "had")} expired`,
    refused > 0 && `${countText(refused, "was", "were")} refused`,
  ].filter((text) => text !== false);
  const rest = details.length === 0 ? "" : `; ${details.join(", ")}`;
  const end = stopped ? " Stopped at a key that is there already." : "";
  return `${verb} ${countText(entries, "entry", "entries")} (${sizeText(bytes)}) in ${durationText(ms)}${rest}.${end}`;
}
