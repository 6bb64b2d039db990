import { basename, dirname } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
import { readAssets } from "./assets-config.js";
import { otherBindings } from "./binding-list.js";
import { bundlingOf } from "./bundling.js";
import { checkKeys } from "./check-keys.js";
import { compatibilityDateOf } from "./compatibility.js";
import { type ConfigDocument, readConfigDocument } from "./config-document.js";
import { type ConfigOverrides, withOverrides } from "./config-overrides.js";
import { parseConfig, type RawEnvironment } from "./config-schema.js";
import { devSettings } from "./dev-settings.js";
import { durableObjectsOf } from "./durable-objects.js";
import { checkEntryPoint, entryPoint } from "./entry-point.js";
import { chooseEnvironment, notRepeated } from "./environment.js";
import { findConfig, nearestConfig } from "./find-config.js";
import type { KvBinding, WorkerConfig } from "./function-config.js";
import { folderName, isNamed, scriptName, workerName } from "./function-name.js";
import { keyWarning } from "./key-warning.js";
import { type LocalVars, readLocalVars } from "./local-vars.js";
import { namespaceId } from "./namespace-id.js";
import { rateLimitBindings } from "./rate-limits.js";
import { projectFolder } from "./redirected-config.js";
import { routesOf } from "./routes.js";
import { serviceBindings } from "./services.js";
import { readSite } from "./site-config.js";
import { fromTelnyxManifest } from "./telnyx-config.js";
import { MANIFEST_NAMES } from "./telnyx-manifest.js";
import { cronTriggers } from "./triggers.js";
import { checkUniqueNames } from "./unique-names.js";
import { unsupportedBindings } from "./unsupported-bindings.js";

export interface ReadWorkerConfigOptions {
  /** The environment, `env.<name>` in the config. @default CLOUDFLARE_ENV, otherwise none */
  readonly env?: string | undefined;
  readonly processEnv?: Readonly<Record<string, string | undefined>>;
  readonly overrides?: ConfigOverrides | undefined;
  /** Whether the entry module must exist. @default false */
  readonly needsMain?: boolean;
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
  const reading = { ...options, processEnv, env: options.env ?? (processEnv["CLOUDFLARE_ENV"] || undefined) };
  const source = findConfig(path, { assets: reading.overrides?.assets });
  if (source.kind === "config") return fromConfigFile(source, reading);
  if (source.kind === "folder") return withoutConfig({ root: source.folder, script: undefined }, reading);
  // As in wrangler, the config of the file's folder or of one above applies, whatever its main is.
  const script = source.scriptPath;
  const above = reading.overrides?.config ?? nearestConfig(dirname(script));
  return above === undefined
    ? withoutConfig({ root: dirname(script), script }, reading)
    : fromConfigFile({ configPath: above, script }, reading);
}

type Reading = ReadWorkerConfigOptions & {
  readonly processEnv: Readonly<Record<string, string | undefined>>;
};

interface ConfigFile {
  readonly configPath: string;
  /** The user's own config, if a build tool wrote the other one. */
  readonly userConfigPath?: string | undefined;
  /** The function file that was named instead of the config. */
  readonly script?: string | undefined;
}

function fromConfigFile(file: ConfigFile, reading: Reading): WorkerConfig {
  const document = readConfigDocument(file.configPath);
  return MANIFEST_NAMES.includes(basename(file.configPath))
    ? fromManifestFile(document, file, reading)
    : fromConfig(document, file, reading);
}

/** A func.toml or telnyx.toml applies to the file that it calls its main, and not to its neighbours. */
function fromManifestFile(document: ConfigDocument, { script }: ConfigFile, reading: Reading): WorkerConfig {
  const { env, processEnv } = reading;
  const config = fromTelnyxManifest(document, { env, processEnv });
  return script === undefined || config.main === script
    ? config
    : withoutConfig({ root: dirname(script), script }, reading);
}

function fromConfig(document: ConfigDocument, file: ConfigFile, reading: Reading): WorkerConfig {
  const { env, processEnv, overrides } = reading;
  const raw = parseConfig(document);
  const root = dirname(document.path);
  const { keys: ownKeys, warning } = chooseEnvironment(document, raw, env);
  const chosen = withOverrides(ownKeys, overrides);
  const compatibility = compatibilityDateOf(
    chosen.compatibility_date,
    document.locate(["compatibility_date"]),
  );
  const configVars = chosen.vars ?? {};
  const userConfigPath = file.userConfigPath ?? document.path;
  const local = readLocalVars({
    folder: projectFolder(userConfigPath),
    env,
    envFiles: overrides?.envFiles,
    required: chosen.secrets?.required,
    declared: Object.keys(configVars),
    processEnv,
  });
  const bundling = bundlingOf(chosen, root);
  const configMain = entryPoint(document, chosen);
  const main = file.script ?? configMain;
  // A build command may write the entry module later.
  if (main !== undefined && reading.needsMain === true && bundling.build === undefined) {
    checkEntryPoint(document, main, chosen);
  }
  const ignored = keyWarning({
    where: document.path,
    ignored: checkKeys(document, env),
    env,
    notRepeated: env === undefined ? [] : notRepeated(raw, raw.env?.[env]),
  });
  const compatibilityFlags = chosen.compatibility_flags ?? [];
  const site = readSite({ raw: chosen.site, bucket: overrides?.site, root });
  if (site !== undefined && (chosen.assets ?? overrides?.assets) !== undefined) {
    throw new FunctionError(`${document.locate(["site"])}: a Worker has either assets or a site.`, {
      hint: "Remove assets or site.",
    });
  }
  const assets = readAssets({
    raw: chosen.assets,
    directory: overrides?.assets,
    root,
    main,
    compatibilityDate: compatibility.date,
    compatibilityFlags,
    locate: (key) => document.locate(key === undefined ? ["assets"] : ["assets", key]),
  });
  const vars = { ...configVars, ...local.values, ...overrides?.vars };
  const kvNamespaces = kvBindings(document, chosen);
  const others = otherBindings(chosen);
  const allUnsupported = unsupportedBindings(chosen);
  checkUniqueNames(document.path, [
    ...kvNamespaces.map(({ binding }) => ({ name: binding, kind: "KV Namespace" })),
    ...others,
    ...allUnsupported,
    ...Object.keys(configVars).map((variable) => ({ name: variable, kind: "Environment Variable" })),
  ]);
  // A local variable of the same name takes the place of a secret of a store.
  const unsupported = allUnsupported.filter(({ name: bound }) => !(bound in vars));
  const name = workerName(nameOf({ name: chosen.name, root, configMain, script: file.script }));
  return {
    name,
    main,
    configPath: document.path,
    root,
    compatibilityDate: compatibility.date,
    compatibilityFlags,
    kvNamespaces,
    rateLimits: rateLimitBindings(chosen.ratelimits, chosen.unsafe),
    versionMetadata: chosen.version_metadata?.binding,
    crons: cronTriggers(document, chosen.triggers),
    vars,
    localVarNames: Object.keys(local.values),
    requiredSecrets: chosen.secrets?.required,
    hiddenVarNames: hiddenVarNames(local, overrides),
    unsupportedBindings: unsupported,
    otherBindings: [...others, ...unsupported.map((binding) => ({ ...binding, target: "not supported" }))],
    rules: chosen.rules ?? [],
    dev: devSettings(raw.dev),
    bundling,
    assets: assets.assets,
    site,
    serviceBindings: serviceBindings(chosen),
    durableObjects: durableObjectsOf(document, chosen, name),
    routes: routesOf(document, chosen),
    watch: [...new Set([userConfigPath, document.path]), ...local.watch, ...assets.watch],
    warnings: [compatibility.warning, warning, ignored, ...local.warnings, ...assets.warnings].filter(
      (text) => text !== undefined,
    ),
  };
}

function hiddenVarNames({ values }: LocalVars, overrides: ConfigOverrides | undefined): readonly string[] {
  return [...Object.keys(values), ...Object.keys(overrides?.vars ?? {})];
}

interface Named {
  readonly name: string | undefined;
  readonly root: string;
  readonly configMain: string | undefined;
  readonly script: string | undefined;
}

/** A file beside the config's main gets a name of its own, so that both can run at the same time. */
function nameOf({ name, root, configMain, script }: Named): string {
  const isOther = configMain !== undefined && script !== configMain;
  return script !== undefined && isOther && isNamed(script) ? scriptName(script) : (name ?? folderName(root));
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
      id: namespaceId(id ?? preview_id ?? binding),
      previewId: preview_id === undefined ? undefined : namespaceId(preview_id),
    };
  });
}

/** The settings of a function file, or of a folder with assets alone. */
function withoutConfig(
  { root, script }: { readonly root: string; readonly script: string | undefined },
  { env, processEnv, overrides }: Reading,
): WorkerConfig {
  const { name, compatibility_date, compatibility_flags } = withOverrides<RawEnvironment>({}, overrides);
  const compatibilityDate = compatibilityDateOf(compatibility_date, script ?? root).date;
  const compatibilityFlags = compatibility_flags ?? [];
  const assets = readAssets({
    raw: undefined,
    directory: overrides?.assets,
    root,
    main: script,
    compatibilityDate,
    compatibilityFlags,
    locate: () => script ?? root,
  });
  const local = readLocalVars({
    folder: root,
    env,
    envFiles: overrides?.envFiles,
    required: undefined,
    declared: [],
    processEnv,
  });
  return {
    name: workerName(name ?? (script === undefined ? folderName(root) : scriptName(script))),
    main: script,
    configPath: undefined,
    root,
    compatibilityDate,
    compatibilityFlags,
    kvNamespaces: [],
    rateLimits: [],
    versionMetadata: undefined,
    crons: [],
    vars: { ...local.values, ...overrides?.vars },
    localVarNames: Object.keys(local.values),
    hiddenVarNames: hiddenVarNames(local, overrides),
    rules: [],
    bundling: bundlingOf({}, root),
    assets: assets.assets,
    site: readSite({ raw: undefined, bucket: overrides?.site, root }),
    watch: [...local.watch, ...assets.watch],
    warnings: [...local.warnings, ...assets.warnings],
  };
}
