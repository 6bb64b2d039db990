import { ATOMIC_SECONDS_MAX } from "@kvasir/client/namespace";
import { type Command, InvalidArgumentError, Option } from "commander";
import { tokenFileOption } from "./api-token.js";

/** The flags that choose a config. */
export interface ConfigOptions {
  readonly config?: string;
  readonly env?: string;
}

/** The flags that say where a `kv` or `token` command finds its data. */
export interface DataOptions extends ConfigOptions {
  readonly data?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly local?: boolean;
  readonly remote?: boolean;
  readonly persistTo?: string;
  readonly acks?: string;
  readonly reads?: string;
  readonly buckets?: string;
  readonly json?: boolean;
}

/** The flags that choose a namespace, as in wrangler. */
export interface NamespaceOptions extends DataOptions {
  readonly binding?: string;
  readonly namespaceId?: string;
  readonly preview?: boolean;
}

export function withConfigOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "the wrangler.jsonc, .json or .toml to read (default: the nearest one)")
    .addOption(envOption());
}

export function envOption(): Option {
  return new Option("-e, --env <name>", "the environment of the config to use");
}

/** @param what the directory is for */
export function dataOption(what: string): Option {
  return new Option(
    "--data <place>",
    `${what}, or a cluster: valkey://HOST:PORT/NAME (default: .kvasir beside the config, else here)`,
  );
}

/** The flags of data in a cluster. */
export function withClusterOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--acks <who>",
        "data in a cluster: who has a write on disk before it is acknowledged; all: the primary and every " +
          "replica, 1: the primary alone (default: all)",
      ).choices(["all", "1"]),
    )
    .addOption(
      new Option(
        "--reads <how>",
        "data in a cluster: primary, or strong for linearizable reads that cost more (default: primary)",
      ).choices(["primary", "strong"]),
    )
    .option(
      "--buckets <number>",
      "data in a cluster: buckets of new namespaces, a power of two (default: 16)",
    );
}

/** wrangler's name for `--data`. */
export function persistOption(): Option {
  return new Option("--persist-to <dir>", "wrangler's name for --data").hideHelp();
}

/** For a command that prints one result. */
export function jsonOption(): Option {
  return new Option("--json", "print one line of JSON, errors too");
}

export function withDataOptions(command: Command): Command {
  return withClusterOptions(withConfigOptions(command))
    .addOption(
      new Option("--url <url>", "talk to a running server, for example http://127.0.0.1:8788").env(
        "KVASIR_URL",
      ),
    )
    .addOption(tokenFileOption("with --url: a file that holds the token to send, as KVASIR_TOKEN may"))
    .addOption(dataOption("data directory to open"))
    .addOption(jsonOption())
    .addOption(new Option("--local", "open the data directory, whatever KVASIR_URL says").conflicts("remote"))
    .addOption(new Option("--remote", "insist on a running server").hideHelp())
    .addOption(persistOption());
}

export function withNamespaceOptions(command: Command, does: string): Command {
  return withDataOptions(
    command
      .option("--binding <name>", `the binding in the config of the namespace to ${does}`)
      .option("--namespace-id <id>", `the id of the namespace to ${does}`)
      .option("--preview", "use the binding's preview_id")
      .addOption(
        new Option("--no-preview", "use the binding's id (also --preview false)").default(undefined),
      ),
  );
}

/** Ends the help of a command with examples. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  $ ${line}`).join("\n")}`);
}

export function parseWholeNumber(text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError("It must be a whole number.");
  }
  return number;
}

export const SECONDS_PROBLEM = "It must be in seconds, not in milliseconds";

/** An expiry, either absolute or from now. */
export function parseSeconds(text: string): number {
  const seconds = parseWholeNumber(text);
  if (seconds > ATOMIC_SECONDS_MAX) throw new InvalidArgumentError(SECONDS_PROBLEM);
  return seconds;
}

/** Accepts only an object, as wrangler does, so that a text with a forgotten quote is refused. */
export function parseMetadata(text: string): object {
  let metadata: unknown;
  try {
    metadata = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`It must be valid JSON, for example '{"owner":"ada"}'.`);
  }
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw new InvalidArgumentError(`It must be a JSON object, for example '{"owner":"ada"}'.`);
  }
  return metadata;
}

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
