import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
import { bundlingOf } from "./bundling.js";
import { checkMain } from "./check-main.js";
import { compatibilityDateOf } from "./compatibility.js";
import type { ConfigDocument } from "./config-document.js";
import type { KvBinding, WorkerConfig } from "./function-config.js";
import { folderName, workerName } from "./function-name.js";
import { keyWarning } from "./key-warning.js";
import { readLocalVars } from "./local-vars.js";
import { MANIFEST_NAMES, parseTelnyxManifest, type TelnyxNamespace } from "./telnyx-manifest.js";

export interface TelnyxConfigOptions {
  readonly env: string | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

/** Converts a func.toml or telnyx.toml to settings. */
export function fromTelnyxManifest(
  document: ConfigDocument,
  { env, processEnv }: TelnyxConfigOptions,
): WorkerConfig {
  const manifest = parseTelnyxManifest(document);
  const root = dirname(manifest.path);
  const name = workerName(manifest.name ?? folderName(root));
  if (manifest.main !== undefined) checkMain(manifest.main, manifest.path);
  if (manifest.prelude !== undefined) checkMain(manifest.prelude, manifest.path, "prelude");
  const local = readLocalVars({ folder: root, env, required: undefined, declared: [], processEnv });
  return {
    name,
    main: manifest.main ?? findMain(root),
    configPath: manifest.path,
    root,
    compatibilityDate: compatibilityDateOf(undefined, manifest.path).date,
    compatibilityFlags: ["nodejs_compat"],
    crons: [],
    rateLimits: [],
    versionMetadata: undefined,
    kvNamespaces: manifest.namespaces.map((namespace) => kvBinding(name, namespace)),
    telnyxBinding: manifest.clientBinding,
    prelude: manifest.prelude,
    vars: { ...manifest.vars, ...local.values },
    localVarNames: Object.keys(local.values),
    hiddenVarNames: Object.keys(local.values),
    rules: [],
    bundling: bundlingOf({}, root),
    watch: [manifest.path, ...local.watch],
    warnings: [keyWarning({ where: manifest.path, ignored: manifest.ignored }), ...local.warnings].filter(
      (text) => text !== undefined,
    ),
  };
}

/** Whether the function's config is a func.toml or a telnyx.toml. */
export function hasTelnyxManifest({ configPath }: WorkerConfig): boolean {
  return configPath !== undefined && MANIFEST_NAMES.includes(basename(configPath));
}

/**
 * The namespace for a function whose config declares none. It is titled after the function, and its id is
 * derived from the function's name, so that a restart finds it again.
 */
export function ownNamespace(functionName: string, binding: string): KvBinding {
  return { binding, id: madeId(functionName), previewId: undefined, title: functionName };
}

function kvBinding(
  functionName: string,
  { binding, id, valueEncoding, ttlUnit }: TelnyxNamespace,
): KvBinding {
  return {
    binding,
    id: id === undefined ? madeId(`${functionName}/${binding}`) : storedId(id),
    previewId: undefined,
    title: `${functionName}-${binding}`.toLowerCase().replaceAll("_", "-"),
    valueEncoding,
    ttlUnit,
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The API shows an id of 32 hex digits as a UUID, so users copy the UUID into their manifest. */
function storedId(id: string): string {
  return UUID.test(id) ? id.replaceAll("-", "").toLowerCase() : id;
}

function madeId(seed: string): string {
  return createHash("sha256").update(`kvasir:${seed}`).digest("hex").slice(0, 32);
}

const MAIN_NAMES = ["index", "main", "handler", "func", "function", "worker", "src/index", "function/func"];
const MAIN_EXTENSIONS = [".ts", ".js", ".mjs", ".cjs", ".py", ".go"];

/**
 * A classic func.toml does not name an entry: use the one file with a usual name, or the only function file.
 */
function findMain(root: string): string | undefined {
  for (const name of MAIN_NAMES) {
    const folder = dirname(join(root, name));
    const files = filesIn(folder);
    for (const extension of MAIN_EXTENSIONS) {
      const file = `${name.split("/").at(-1)}${extension}`;
      if (files.includes(file)) return join(folder, file);
    }
  }
  const candidates = filesIn(root).filter(isFunctionFile);
  if (candidates.length > 1) {
    throw new FunctionError(
      `${root} has several files that could be the function: ${candidates.join(", ")}.`,
      {
        hint: 'Name one in the manifest, on a line above the first table: main = "handler.py".',
      },
    );
  }
  return candidates[0] === undefined ? undefined : join(root, candidates[0]);
}

function isFunctionFile(file: string): boolean {
  const isTest = /\.(test|spec)\.|_test\.|^test_|\.d\.ts$|\.config\./.test(file);
  return MAIN_EXTENSIONS.includes(extname(file)) && !isTest;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
