import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import { parseHeaders } from "../assets/header-rules.js";
import { HEADERS_FILE, IGNORE_FILE, REDIRECTS_FILE } from "../assets/ignored-files.js";
import { parseRedirects } from "../assets/redirect-rules.js";
import type { RuleLines } from "../assets/rule-problem.js";
import type { StaticAssets } from "../assets/static-assets.js";
import { parseWorkerFirst } from "../assets/worker-first.js";

const HTML_HANDLING = ["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"] as const;
const NOT_FOUND_HANDLING = ["none", "404-page", "single-page-application"] as const;
const FIRST = "must be true, false or a list of patterns such as /api/*";

/** `assets` in a wrangler config. */
export const assetsSchema = v.looseObject(
  {
    directory: v.optional(
      v.pipe(v.string("must be the path of a folder"), v.nonEmpty("must be the path of a folder")),
    ),
    binding: v.optional(v.string("must be a name")),
    html_handling: v.optional(v.picklist(HTML_HANDLING, `must be one of ${HTML_HANDLING.join(", ")}`)),
    not_found_handling: v.optional(
      v.picklist(NOT_FOUND_HANDLING, `must be one of ${NOT_FOUND_HANDLING.join(", ")}`),
    ),
    run_worker_first: v.optional(v.union([v.boolean(), v.array(v.string())], FIRST)),
    base_path: v.optional(v.string("must be a path such as /docs")),
  },
  'must be like { "directory": "./public" }',
);

export interface AssetsConfigOptions {
  /** `assets` of the config. `undefined` if there is none. */
  readonly raw: v.InferOutput<typeof assetsSchema> | undefined;
  /** The folder of the command line (`--assets`), relative to the working directory. It wins over the config's. */
  readonly directory: string | undefined;
  /** The folder that the config's paths are relative to. */
  readonly root: string;
  readonly main: string | undefined;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** `file:line` of a key of `assets`. */
  readonly locate: (key?: string) => string;
}

export interface AssetsConfig {
  readonly assets: StaticAssets | undefined;
  /** Files that the settings depend on. */
  readonly watch: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads `assets` and the files of rules in the folder.
 *
 * @throws FunctionError that names the file and the key
 */
export function readAssets(options: AssetsConfigOptions): AssetsConfig {
  const { raw, main, compatibilityDate, compatibilityFlags, locate } = options;
  if (raw === undefined && options.directory === undefined) {
    return { assets: undefined, watch: [], warnings: [] };
  }
  const directory = folderOf(options);
  const { binding, html_handling: htmlHandling = "auto-trailing-slash" } = raw ?? {};
  const first = parseWorkerFirst(raw?.run_worker_first ?? false);
  if ("problem" in first) {
    throw new FunctionError(`${locate("run_worker_first")}: assets.run_worker_first ${first.problem}.`);
  }
  const { workerFirst } = first;
  if (main === undefined) checkAlone(options, workerFirst !== false);
  const redirects = readRules(join(directory, REDIRECTS_FILE), (text) => parseRedirects(text, htmlHandling));
  const headers = readRules(join(directory, HEADERS_FILE), parseHeaders);
  const warnings = [...redirects.warnings, ...headers.warnings];
  if (workerFirst === true && binding === undefined) {
    warnings.unshift(
      `${locate("run_worker_first")}: assets.run_worker_first sends every request to the Worker, which cannot read the assets: name an assets.binding.`,
    );
  }
  return {
    assets: {
      directory,
      binding,
      htmlHandling,
      notFoundHandling: raw?.not_found_handling ?? "none",
      basePath: basePath(raw?.base_path ?? "/", locate),
      workerFirst,
      alone: main === undefined,
      notFoundCounts: typeof workerFirst === "object",
      navigationPrefersAssets: navigationPrefersAssets(compatibilityDate, compatibilityFlags),
      redirects: redirects.rules,
      headers: headers.rules,
      ignored: [
        ...[REDIRECTS_FILE, HEADERS_FILE, IGNORE_FILE].map((name) => `/${name}`),
        ...ignoredPatterns(join(directory, IGNORE_FILE)),
      ],
    },
    // The folder itself: it may be removed and made again.
    watch: [directory, ...[REDIRECTS_FILE, HEADERS_FILE, IGNORE_FILE].map((name) => join(directory, name))],
    warnings,
  };
}

function folderOf({ raw, directory: fromCommandLine, root, locate }: AssetsConfigOptions): string {
  if (fromCommandLine !== undefined) return resolve(fromCommandLine);
  if (raw?.directory !== undefined) return resolve(root, raw.directory);
  throw new FunctionError(`${locate()}: assets has no directory.`, {
    hint: 'Name the folder with the files: "assets": { "directory": "./public" }.',
  });
}

function checkAlone({ raw, locate }: AssetsConfigOptions, hasWorkerFirst: boolean): void {
  const hint = "Name the Worker's entry module as main, or remove the key.";
  if (raw?.binding !== undefined) {
    throw new FunctionError(`${locate("binding")}: assets.binding needs a Worker that reads it.`, { hint });
  }
  if (hasWorkerFirst) {
    throw new FunctionError(`${locate("run_worker_first")}: assets.run_worker_first needs a Worker to run.`, {
      hint,
    });
  }
}

function readRules<Rule>(
  file: string,
  parse: (text: string) => RuleLines<Rule>,
): { readonly rules: readonly Rule[]; readonly warnings: string[] } {
  const text = textOf(file)?.toString("utf8");
  if (text === undefined) return { rules: [], warnings: [] };
  const { rules, problems } = parse(text);
  return {
    rules,
    warnings: problems.map(
      ({ lineNumber, message }) =>
        `${file}:${lineNumber}: ${message.replace(/\.?$/, ".")} This line is ignored.`,
    ),
  };
}

function ignoredPatterns(file: string): readonly string[] {
  const bytes = textOf(file);
  if (bytes === undefined) return [];
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text.split("\n").map((line) => line.replace(/\r$/, ""));
  } catch {
    // Not UTF-8: reported below.
  }
  throw new FunctionError(`${file} is not UTF-8 text.`, { hint: "Save the file as UTF-8." });
}

function textOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new FunctionError(`${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** wrangler's rules: a path without query, encoding or control characters. */
function basePath(text: string, locate: AssetsConfigOptions["locate"]): string {
  const isUrl = text.startsWith("//") || /^[a-zA-Z][a-zA-Z\d+.-]*:/.test(text);
  if (text === "" || isUrl || /[\\?#%\p{Cc}]/u.test(text)) {
    throw new FunctionError(`${locate("base_path")}: assets.base_path must be a path such as /docs.`);
  }
  const segments: string[] = [];
  for (const segment of text.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.length === 0 ? "/" : `/${segments.join("/")}/`;
}

/** A browser's navigation is answered by the assets since that date, as by Cloudflare. */
function navigationPrefersAssets(date: string, flags: readonly string[]): boolean {
  if (flags.includes("assets_navigation_prefers_asset_serving")) return true;
  return date >= "2025-04-01" && !flags.includes("assets_navigation_has_no_effect");
}
