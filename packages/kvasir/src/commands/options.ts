import { type Command, InvalidArgumentError, Option } from "commander";
import { MEMORY_MIB_MAX, MEMORY_MIB_MIN } from "../functions/resources/limits.js";
import { REQUEST_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS_MAX } from "../server/limits.js";
import { tokenFileOption } from "./api-token.js";

/** Where a `kv` or `token` command finds its data, as its flags say. */
export interface TargetOptions {
  readonly data?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly local?: boolean;
  readonly remote?: boolean;
  readonly persistTo?: string;
  readonly config?: string;
  readonly env?: string;
  readonly json?: boolean;
}

/** Which namespace, as wrangler's flags say. */
export interface NamespaceOptions extends TargetOptions {
  readonly binding?: string;
  readonly namespaceId?: string;
  readonly preview?: boolean;
}

export function withConfigOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "the wrangler.jsonc, .json or .toml to read (default: the nearest one)")
    .option("-e, --env <name>", "the environment of the config to use");
}

export function withTargetOptions(command: Command): Command {
  return withConfigOptions(command)
    .addOption(
      new Option("--url <url>", "talk to a running server, for example http://127.0.0.1:8788").env(
        "KVASIR_URL",
      ),
    )
    .addOption(tokenFileOption("with --url: a file that holds the token to send, as KVASIR_TOKEN may"))
    .option("--data <dir>", "data directory to open (default: .kvasir beside the config, else here)")
    .option("--json", "print one line of JSON, errors too")
    .addOption(new Option("--local", "open the data directory, whatever KVASIR_URL says").conflicts("remote"))
    .addOption(new Option("--remote", "insist on a running server").hideHelp())
    .addOption(new Option("--persist-to <dir>", "wrangler's name for --data").hideHelp());
}

export function withNamespaceOptions(command: Command, does: string): Command {
  return withTargetOptions(
    command
      .option("--binding <name>", `the binding in the config of the namespace to ${does}`)
      .option("--namespace-id <id>", `the id of the namespace to ${does}`)
      .option("--preview", "use the binding's preview_id")
      .addOption(
        new Option("--no-preview", "use the binding's id (also --preview false)").default(undefined),
      ),
  );
}

/** Lets one terse call state the examples that every command's help ends with. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  $ ${line}`).join("\n")}`);
}

export function outboundOption(): Option {
  return new Option(
    "--outbound <reach>",
    "what functions may fetch: all, or public (no address of this machine or its network)",
  )
    .choices(["all", "public"])
    .default("all");
}

export function timeoutOption(): Option {
  return new Option(
    "--timeout <seconds>",
    "how long Express-style, Python and Go functions may take to answer",
  )
    .argParser(parseTimeout)
    .default(REQUEST_TIMEOUT_SECONDS);
}

export function memoryOption(): Option {
  return new Option(
    "--memory <mb>",
    "how much memory each function process may have, in MB (default: a quarter of the machine's)",
  ).argParser(parseMemory);
}

function parseMemory(text: string): number {
  const mib = Number(text);
  if (!/^\d+$/.test(text) || mib < MEMORY_MIB_MIN || mib > MEMORY_MIB_MAX) {
    throw new InvalidArgumentError(
      `It must be a whole number of MB from ${MEMORY_MIB_MIN} to ${MEMORY_MIB_MAX}.`,
    );
  }
  return mib;
}

function parseTimeout(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > REQUEST_TIMEOUT_SECONDS_MAX) {
    throw new InvalidArgumentError(
      `It must be a number of seconds above 0 and up to ${REQUEST_TIMEOUT_SECONDS_MAX}.`,
    );
  }
  return seconds;
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError("It must be a port number from 0 (any free port) to 65535.");
  }
  return port;
}

export function parseWholeNumber(text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError("It must be a whole number.");
  }
  return number;
}

/** wrangler takes only an object here, so that a forgotten quote does not become metadata. */
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
