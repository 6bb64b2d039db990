import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import type { ConfigOverrides } from "../../functions/config/config-overrides.js";
import { collect } from "./options.js";

/** wrangler's flags that stand for keys of the config. */
export interface WranglerFlags {
  readonly config?: readonly string[];
  readonly envFile?: readonly string[];
  readonly var?: Pairs;
  readonly define?: Pairs;
  readonly alias?: Pairs;
  readonly name?: string;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  readonly tsconfig?: string;
  readonly jsxFactory?: string;
  readonly jsxFragment?: string;
  readonly minify?: boolean;
  readonly bundle?: boolean;
  readonly assets?: string;
  readonly site?: string;
}

type Pairs = Readonly<Record<string, string>>;

export function withWranglerFlags(command: Command): Command {
  command
    .option("--cwd <folder>", "run as if started in this folder", enterFolder)
    .option(
      "-c, --config <file>",
      "the wrangler.jsonc, .json or .toml to use; with several the first gets all requests (repeatable)",
      collect,
    )
    .option(
      "--env-file <file>",
      "read variables from this file, not from .dev.vars or .env (repeatable)",
      collect,
    )
    .option("--var <name:value>", "set a variable (repeatable)", collectPair)
    .option("--name <name>", "the function's name")
    .option("--define <name:value>", "replace a name in the code (repeatable)", collectPair)
    .option("--alias <name:module>", "import another module instead (repeatable)", collectPair)
    .option("--compatibility-date <date>", "the compatibility date to run with")
    .option("--compatibility-flags <flag>", "a compatibility flag to run with (repeatable)", collect)
    .option("--tsconfig <file>", "the tsconfig.json to bundle with")
    .option("--jsx-factory <name>", "the function that makes a JSX element")
    .option("--jsx-fragment <name>", "the component of a JSX fragment")
    .option("--minify", "minify the code")
    .addOption(new Option("--bundle").hideHelp())
    .option("--no-bundle", "run the entry module as it is")
    .option("--assets <folder>", "the folder of static assets")
    .option("--site <folder>", "the folder of a Workers Site")
    .addOption(new Option("-l, --local").hideHelp())
    .addOption(new Option("--latest").hideHelp());
  return refusing(command, MISSING);
}

/** Refuses flags with the reason for each. */
export function refusing(command: Command, reasons: Readonly<Record<string, string>>): Command {
  for (const [name, reason] of Object.entries(reasons)) {
    command.addOption(new Option(`--${name} [value]`).hideHelp());
    command.on(`option:${name}`, () => {
      throw new Failure(`kvasir has no --${name}: ${reason}.`);
    });
  }
  return command;
}

/** wrangler's flags that Kvasir does not have. */
const MISSING: Readonly<Record<string, string>> = {
  profile: "it needs no account",
  "install-skills": "it installs nothing for coding agents",
  "site-include": "give site.include in the config",
  "site-exclude": "give site.exclude in the config",
  remote: "functions and their data stay on this machine",
  routes: "give routes in the config",
  route: "give routes in the config",
  "upstream-protocol": "functions receive the request as the client sent it",
  "local-upstream": "functions receive the request as the client sent it",
  "infer-origin-from-routes": "functions receive the request as the client sent it",
  types: "run `kvasir types`",
  tunnel: "it opens nothing to the internet",
  "tunnel-name": "it opens nothing to the internet",
  "tunnel-allowed-mail": "it opens nothing to the internet",
  "enable-containers": "it runs no containers",
};

/** The functions to run: the paths given or, if there are none, the configs of `--config`. */
export function pathsOf(paths: readonly string[], { config = [] }: WranglerFlags): readonly string[] {
  return paths.length === 0 ? config : paths;
}

export function overridesOf(paths: readonly string[], flags: WranglerFlags): ConfigOverrides {
  const { config = [], name } = flags;
  if (paths.length > 0 && config.length > 1) {
    throw new Failure("With several --config there can be no function file.", {
      hint: "Name the configs alone, or one config and its function file.",
    });
  }
  if (name !== undefined && pathsOf(paths, flags).length > 1) {
    throw new Failure("--name names one function, and there are several.", { hint: "Leave --name out." });
  }
  return {
    config: config[0] === undefined ? undefined : resolve(config[0]),
    vars: flags.var,
    envFiles: flags.envFile,
    assets: flags.assets,
    site: flags.site,
    keys: keysOf(flags),
  };
}

function keysOf(flags: WranglerFlags): Readonly<Record<string, unknown>> {
  const keys = {
    name: flags.name,
    compatibility_date: flags.compatibilityDate,
    compatibility_flags: flags.compatibilityFlags,
    define: flags.define,
    alias: flags.alias,
    tsconfig: flags.tsconfig === undefined ? undefined : resolve(flags.tsconfig),
    jsx_factory: flags.jsxFactory,
    jsx_fragment: flags.jsxFragment,
    minify: flags.minify,
    no_bundle: flags.bundle === false ? true : undefined,
  };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** Other flags may name paths, so this happens before they are used. */
function enterFolder(folder: string): string {
  try {
    process.chdir(folder);
    return folder;
  } catch {
    throw new InvalidArgumentError("It must be a folder that this user may enter.");
  }
}

/** `NAME:VALUE`, split at the first colon, as in wrangler. */
function collectPair(text: string, previous: Pairs = {}): Pairs {
  const [, name, value] = /^([^:]+):(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("It must have the form NAME:VALUE.");
  }
  return { ...previous, [name]: value };
}
