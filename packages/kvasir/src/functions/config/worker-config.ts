import { basename, dirname, resolve } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
import { readAssets } from "./assets-config.js";
import { type Bundling, bundlingOf } from "./bundling.js";
import { checkKeys } from "./check-keys.js";
import { checkMain } from "./check-main.js";
import { compatibilityDateOf } from "./compatibility.js";
import { type ConfigDocument, readConfigDocument } from "./config-document.js";
import { parseConfig, type RawEnvironment } from "./config-schema.js";
import { chooseEnvironment, notRepeated } from "./environment.js";
import { findConfig, nearestConfig } from "./find-config.js";
import type { KvBinding, WorkerConfig } from "./function-config.js";
import { folderName, scriptName, workerName } from "./function-name.js";
import { keyWarning } from "./key-warning.js";
import { readLocalVars } from "./local-vars.js";
import { mainPath } from "./main-path.js";
import { namespaceId } from "./namespace-id.js";
import { readSite, siteMain } from "./site-config.js";
import { fromTelnyxManifest } from "./telnyx-config.js";
import { MANIFEST_NAMES } from "./telnyx-manifest.js";

export interface ReadWorkerConfigOptions {
  /** The environment, `env.<name>` in the config. @default CLOUDFLARE_ENV, otherwise none */
  readonly env?: string | undefined;
  readonly processEnv?: Readonly<Record<string, string | undefined>>;
  /** A folder of static assets that replaces `assets.directory`. Relative to the working directory. */
  readonly assets?: string | undefined;
  /** A folder that replaces `site.bucket`. Relative to the working directory. */
  readonly site?: string | undefined;
}

/**
 * Reads the settings of the function at a path. The path is a folder, a wrangler.jsonc/json/toml, a func.toml
 * or telnyx.toml, or a single function file.
 *
 * @throws FunctionError that names the file and the line or key, and says what to do
 * @example
 * const { name, kvNamespaces } = readWorkerConfig(".", { env: "staging" });
 */
export function readWorkerConfig(path: string, options: ReadWorkerConfigOptions = {}): WorkerConfig {
  const processEnv = options.processEnv ?? process.env;
  const env = options.env ?? (processEnv["CLOUDFLARE_ENV"] || undefined);
  const source = findConfig(path);
  const given: Given = { env, processEnv, assets: options.assets, site: options.site };
  if (source.kind === "config") return fromConfigFile(source.configPath, given);

  // If a config in a parent folder names this file as its main, that config applies.
  // Otherwise the file stands alone.
  const above = nearestConfig(dirname(source.scriptPath));
  if (above !== undefined) {
    const config = fromConfigFile(above, given);
    if (config.main === source.scriptPath) return config;
  }
  return fromScript(source.scriptPath, given);
}

/** What the command line and the process give beside the config. */
interface Given extends Pick<ReadWorkerConfigOptions, "assets" | "site"> {
  readonly env: string | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

function fromConfigFile(path: string, given: Given): WorkerConfig {
  const document = readConfigDocument(path);
  return MANIFEST_NAMES.includes(basename(path))
    ? fromTelnyxManifest(document, given)
    : fromConfig(document, given);
}

function fromConfig(document: ConfigDocument, given: Given): WorkerConfig {
  const { env, processEnv } = given;
  const raw = parseConfig(document);
  const root = dirname(document.path);
  const chosen = chooseEnvironment(document, raw, env);
  const ignored = keyWarning({
    where: document.path,
    ignored: checkKeys(document, env),
    env,
    notRepeated: env === undefined ? [] : notRepeated(raw, raw.env?.[env] ?? {}),
  });
  const name = chosen.name ?? folderName(root);
  const where = document.locate(["compatibility_date"]);
  const compatibility = compatibilityDateOf(chosen.compatibility_date, where);
  const configVars = chosen.vars ?? {};
  const required = chosen.secrets?.required;
  const local = readLocalVars({
    folder: root,
    env,
    allowed: required === undefined ? undefined : new Set([...required, ...Object.keys(configVars)]),
    processEnv,
  });
  const bundling = bundlingOf(chosen, root);
  const main = mainOf(document, chosen, bundling);
  const compatibilityFlags = chosen.compatibility_flags ?? [];
  const site = readSite({ raw: chosen.site, bucket: given.site, root });
  if (site !== undefined && (chosen.assets ?? given.assets) !== undefined) {
    throw new FunctionError(`${document.locate(["site"])}: a Worker has either assets or a site.`, {
      hint: "Remove assets or site.",
    });
  }
  const assets = readAssets({
    raw: chosen.assets,
    directory: given.assets,
    root,
    main,
    compatibilityDate: compatibility.date,
    compatibilityFlags,
    locate: (key) => document.locate(key === undefined ? ["assets"] : ["assets", key]),
  });
  return {
    name: workerName(name),
    main,
    configPath: document.path,
    root,
    compatibilityDate: compatibility.date,
    compatibilityFlags,
    kvNamespaces: kvBindings(document, chosen),
    vars: { ...configVars, ...local.values },
    localVarNames: Object.keys(local.values),
    rules: chosen.rules ?? [],
    bundling,
    assets: assets.assets,
    site,
    watch: [document.path, ...local.watch, ...assets.watch],
    warnings: [
      ...(compatibility.warning === undefined ? [] : [compatibility.warning]),
      ...(ignored === undefined ? [] : [ignored]),
      ...assets.warnings,
    ],
  };
}

function mainOf(
  document: ConfigDocument,
  { main, site }: RawEnvironment,
  bundling: Bundling,
): string | undefined {
  const root = dirname(document.path);
  if (main === undefined) {
    if (site === undefined) return undefined;
    const entry = siteMain(site, root);
    checkMain(entry, document.locate(["site", "entry-point"]), "site.entry-point");
    return entry;
  }
  if (site?.["entry-point"] !== undefined) {
    throw new FunctionError(
      `${document.locate(["site", "entry-point"])}: main and site.entry-point both name the entry module.`,
      { hint: "Remove site.entry-point." },
    );
  }
  const path = mainPath(resolve(root, main));
  // A build command makes the entry module, so it is checked after that has run.
  if (bundling.build === undefined) checkMain(path, document.locate(["main"]));
  return path;
}

function kvBindings(document: ConfigDocument, chosen: RawEnvironment): KvBinding[] {
  const seen = new Set<string>();
  return (chosen.kv_namespaces ?? []).map(({ binding, id, preview_id }, at) => {
    if (seen.has(binding)) {
      throw new FunctionError(
        `${document.locate(["kv_namespaces", at])}: two namespaces are bound to ${binding}.`,
        {
          hint: "Give each binding a name of its own.",
        },
      );
    }
    seen.add(binding);
    // Without an id the binding's name is used as the id, as in wrangler's local mode.
    return {
      binding,
      id: namespaceId(id ?? binding),
      previewId: preview_id === undefined ? undefined : namespaceId(preview_id),
    };
  });
}

function fromScript(script: string, given: Given): WorkerConfig {
  const { env, processEnv } = given;
  const root = dirname(script);
  const compatibilityDate = compatibilityDateOf(undefined, script).date;
  const assets = readAssets({
    raw: undefined,
    directory: given.assets,
    root,
    main: script,
    compatibilityDate,
    compatibilityFlags: [],
    locate: () => script,
  });
  const local = readLocalVars({ folder: root, env, allowed: undefined, processEnv });
  return {
    name: workerName(scriptName(script)),
    main: script,
    configPath: undefined,
    root,
    compatibilityDate,
    compatibilityFlags: [],
    kvNamespaces: [],
    vars: local.values,
    localVarNames: Object.keys(local.values),
    rules: [],
    bundling: bundlingOf({}, root),
    assets: assets.assets,
    site: readSite({ raw: undefined, bucket: given.site, root }),
    watch: [...local.watch, ...assets.watch],
    warnings: assets.warnings,
  };
}
