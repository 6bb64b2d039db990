import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
import { redirectedConfig } from "./redirected-config.js";
import { MANIFEST_NAMES } from "./telnyx-manifest.js";

/** The file that a path on the command line refers to. */
export type ConfigSource =
  | {
      readonly kind: "config";
      readonly configPath: string;
      /** The user's own config. A build tool may have written the other one. */
      readonly userConfigPath: string;
    }
  | { readonly kind: "script"; readonly scriptPath: string }
  | { readonly kind: "folder"; readonly folder: string };

/** wrangler's order: it searches all parent folders for one name before it tries the next name. */
const CONFIG_NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;
const CONFIG_FILE = /\.(jsonc?|toml)$/;
const SCRIPT_FILE = /\.([cm]?[jt]s|[jt]sx|py|go)$/;

export interface FindConfigOptions {
  /** The folder of `--assets`. A folder of the command line then needs no config. */
  readonly assets?: string | undefined;
}

/**
 * Finds the config for a path: the file itself or, for a folder, the config that wrangler would use.
 *
 * @throws FunctionError if there is none
 */
export function findConfig(path: string, { assets }: FindConfigOptions = {}): ConfigSource {
  const absolute = resolve(path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new FunctionError(`${path} does not exist.`, {
      hint: "Give a folder with a wrangler.jsonc, wrangler.json, wrangler.toml or func.toml, or one function file.",
    });
  }
  if (stats.isDirectory()) {
    const found = nearestConfig(absolute);
    if (found === undefined && assets !== undefined) return { kind: "folder", folder: absolute };
    const userConfigPath = found ?? noConfig(path);
    return { kind: "config", configPath: redirectedConfig(userConfigPath) ?? userConfigPath, userConfigPath };
  }
  if (CONFIG_FILE.test(absolute)) return { kind: "config", configPath: absolute, userConfigPath: absolute };
  if (SCRIPT_FILE.test(absolute)) return { kind: "script", scriptPath: absolute };
  throw new FunctionError(`${basename(path)} is neither a config nor a function that Kvasir can run.`, {
    hint: "Give a .ts, .js, .mjs, .py or .go file, or a folder with a wrangler.jsonc or func.toml.",
  });
}

/**
 * Finds the config of a folder or of its nearest parent. As in wrangler, a wrangler.json in a
 * parent wins over a wrangler.toml in the folder itself. Between a wrangler config and a
 * Telnyx manifest the nearer one wins.
 */
export function nearestConfig(folder: string): string | undefined {
  const wrangler = nearestOf(CONFIG_NAMES, folder);
  const manifest = nearestOf(MANIFEST_NAMES, folder);
  if (wrangler === undefined || manifest === undefined) return wrangler ?? manifest;
  return dirname(manifest).length > dirname(wrangler).length ? manifest : wrangler;
}

function nearestOf(names: readonly string[], folder: string): string | undefined {
  for (const name of names) {
    for (let at = folder; ; at = dirname(at)) {
      const candidate = join(at, name);
      if (existsSync(candidate)) return candidate;
      if (dirname(at) === at) break;
    }
  }
  return undefined;
}

function noConfig(path: string): never {
  throw new FunctionError(
    `There is no ${[...CONFIG_NAMES, ...MANIFEST_NAMES].join(", ")} in ${path} or above it.`,
    {
      hint: 'Add a wrangler.jsonc such as { "name": "my-worker", "main": "src/index.ts" }, or give the function\'s file.',
    },
  );
}
