import { Command, InvalidArgumentError, Option } from "commander";
import { accountOf } from "../../cloudflare/credentials.js";
import { Failure } from "../../failure/failure.js";
import { finishWithoutReader } from "../../terminal/output.js";
import { jsonOption, parseWholeNumber, withExamples } from "../options/options.js";
import { parseCopyLocator } from "./locator.js";
import { openPlaces } from "./open-places.js";
import { CopyOutput } from "./output.js";
import { type CopyRunOptions, runCopy } from "./run.js";

interface CopyOptions extends CopyRunOptions {
  readonly from?: string;
  readonly to?: string;
  readonly singleReads?: boolean;
  readonly json?: boolean;
}

export function createCommand(): Command {
  const command = new Command("copy")
    .description(
      "Copy the entries of a namespace to another one: values, metadata and expirations. A locator is\n" +
        "  DIRECTORY#NAMESPACE             a data directory\n" +
        "  http://HOST:PORT#NAMESPACE      a running Kvasir, with the token in KVASIR_TOKEN; for two servers with\n" +
        "                                  the tokens in KVASIR_FROM_TOKEN and KVASIR_TO_TOKEN\n" +
        "  cloudflare:ACCOUNT/NAMESPACE    Workers KV, with the token in CLOUDFLARE_API_TOKEN; without ACCOUNT/\n" +
        "                                  the account is CLOUDFLARE_ACCOUNT_ID\n" +
        "  valkey://HOST:PORT#NAMESPACE    a Valkey or Redis Cluster\n" +
        "NAMESPACE is a title or an id. A title that is missing in --to is created.",
    )
    .option("--from <locator>", "the namespace to copy from")
    .option("--to <locator>", "the namespace to copy to")
    .option("--prefix <prefix>", "only keys that begin with this")
    .option("--limit <count>", "at most so many entries, the first by key", parseCount)
    .addOption(
      new Option("--on-conflict <action>", "what to do with a key that --to has already")
        .choices(["overwrite", "skip", "fail"])
        .default("overwrite"),
    )
    .option("--dry-run", "count what would be copied, and write nothing")
    .option("--resume <file>", "note in this file how far the copy is, and go on there after an interruption")
    .option("--single-reads", "read each value at Cloudflare by a request of its own, never in bulk")
    .addOption(jsonOption())
    .action(copy);
  return withExamples(command, [
    "kvasir copy --from cloudflare:ACCOUNT/sessions --to .kvasir#sessions",
    "kvasir copy --from .kvasir#sessions --to http://127.0.0.1:8788#sessions --resume copy.json",
    "kvasir copy --from cloudflare:ACCOUNT/products --to .kvasir#products --prefix shop: --limit 1000",
  ]);
}

async function copy(options: CopyOptions): Promise<void> {
  finishWithoutReader();
  const account = accountOf(process.env);
  const from = parseCopyLocator(required(options.from, "--from"), { flag: "--from", account });
  const to = parseCopyLocator(required(options.to, "--to"), { flag: "--to", account });
  const output = new CopyOutput({ json: options.json === true });
  const { source, target, close } = await openPlaces(from, to, {
    creates: options.dryRun !== true,
    singleReads: options.singleReads === true,
    onCreated: (what) => output.note(`Created ${what}.`),
    onPause: (ms) => output.pause(ms),
  });
  try {
    const outcome = await runCopy(source, target, options, output);
    await output.end(outcome, { from: source.shown, to: target.shown });
    if (outcome.totals.refused > 0) process.exitCode = 1;
  } finally {
    output.stop();
    await close();
  }
}

function required(value: string | undefined, flag: string): string {
  if (value !== undefined) return value;
  throw new Failure(`${flag} is missing.`, {
    hint: "Give --from and --to, such as --from ./data#sessions --to http://127.0.0.1:8788#sessions.",
  });
}

function parseCount(text: string): number {
  const count = parseWholeNumber(text);
  if (count < 1) throw new InvalidArgumentError("It must be at least 1.");
  return count;
}
