import { basename, dirname, resolve } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
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
import { namespaceId } from "./namespace-id.js";
import { rateLimitBindings } from "./rate-limits.js";
import { fromTelnyxManifest } from "./telnyx-config.js";
import { MANIFEST_NAMES } from "./telnyx-manifest.js";

export interface ReadWorkerConfigOptions {
  /** The environment, `env.<name>` in the config. @default CLOUDFLARE_ENV, otherwise none */
  readonly env?: string | undefined;
  readonly processEnv?: Readonly<Record<string, string | undefined>>;
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
  if (source.kind === "config") return fromConfigFile(source.configPath, env, processEnv);

  // If a config in a parent folder names this file as its main, that config applies.
  // Otherwise the file stands alone.
  const above = nearestConfig(dirname(source.scriptPath));
  if (above !== undefined) {
    const config = fromConfigFile(above, env, processEnv);
    if (config.main === source.scriptPath) return config;
  }
  return fromScript(source.scriptPath, env, processEnv);
}

type ProcessEnv = Readonly<Record<string, string | undefined>>;

function fromConfigFile(path: string, env: string | undefined, processEnv: ProcessEnv): WorkerConfig {
  const document = readConfigDocument(path);
  return MANIFEST_NAMES.includes(basename(path))
    ? fromTelnyxManifest(document, { env, processEnv })
    : fromConfig(document, env, processEnv);
}

function fromConfig(document: ConfigDocument, env: string | undefined, processEnv: ProcessEnv): WorkerConfig {
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
  const main = chosen.main === undefined ? undefined : resolve(root, chosen.main);
  if (main !== undefined) checkMain(main, document.locate(["main"]));
  return {
    name: workerName(name),
    main,
    configPath: document.path,
    root,
    compatibilityDate: compatibility.date,
    compatibilityFlags: chosen.compatibility_flags ?? [],
    kvNamespaces: kvBindings(document, chosen),
    rateLimits: rateLimitBindings(chosen.ratelimits, chosen.unsafe),
    versionMetadata: chosen.version_metadata?.binding,
    vars: { ...configVars, ...local.values },
    localVarNames: Object.keys(local.values),
    rules: chosen.rules ?? [],
    watch: [document.path, ...local.watch],
    warnings: [
      ...(compatibility.warning === undefined ? [] : [compatibility.warning]),
      ...(ignored === undefined ? [] : [ignored]),
    ],
  };
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

function fromScript(script: string, env: string | undefined, processEnv: ProcessEnv): WorkerConfig {
  const root = dirname(script);
  const local = readLocalVars({ folder: root, env, allowed: undefined, processEnv });
  return {
    name: workerName(scriptName(script)),
    main: script,
    configPath: undefined,
    root,
    compatibilityDate: compatibilityDateOf(undefined, script).date,
    compatibilityFlags: [],
    kvNamespaces: [],
    rateLimits: [],
    versionMetadata: undefined,
    vars: local.values,
    localVarNames: Object.keys(local.values),
    rules: [],
    watch: local.watch,
    warnings: [],
  };
}
