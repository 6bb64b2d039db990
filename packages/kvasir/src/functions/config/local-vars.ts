import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "dotenv";
import { expand } from "dotenv-expand";

export interface LocalVarsOptions {
  /** The folder of the user's config. */
  readonly folder: string;
  /** The selected environment, if any. */
  readonly env: string | undefined;
  /** Files to read instead of `.dev.vars` and the `.env` files. */
  readonly envFiles?: readonly string[] | undefined;
  /** Names in the config's `secrets.required`. If set, only these names and those in `vars` are loaded. */
  readonly required: readonly string[] | undefined;
  /** Names in the config's `vars`. */
  readonly declared: readonly string[];
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

export interface LocalVars {
  readonly values: Readonly<Record<string, string>>;
  /** Files to watch. They may not exist yet. */
  readonly watch: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads development secrets from `.dev.vars.<env>`, else from `.dev.vars`, else from the `.env` files, as
 * wrangler does (reference: wrangler's dev/dev-vars.ts). Values are strings and win over the config's `vars`.
 * References such as `${HOST}` are replaced in `.env` files only.
 */
export function readLocalVars(options: LocalVarsOptions): LocalVars {
  const { folder, env, required, declared } = options;
  const given = options.envFiles ?? [];
  const devVars = given.length > 0 ? [] : inFolder(folder, devVarsNames(env));
  const dotEnv =
    given.length > 0 ? given.map((file) => givenFile(folder, file)) : inFolder(folder, dotEnvNames(env));
  const chosen = devVars.find((path) => existsSync(path));
  const values = chosen === undefined ? readDotEnv(dotEnv, options) : parse(readFileSync(chosen));
  // Users keep the API token in .env for the command line. A function must not get it.
  delete values[API_TOKEN_NAME];
  const allowed = required === undefined ? undefined : new Set([...required, ...declared]);
  const missing = (required ?? []).filter((name) => values[name] === undefined);
  return {
    values:
      allowed === undefined
        ? values
        : Object.fromEntries(Object.entries(values).filter(([name]) => allowed.has(name))),
    watch: [...devVars, ...dotEnv],
    warnings: [
      ...(given.length > 0 ? dotEnv : [])
        .filter((path) => !existsSync(path))
        .map((path) => `${path}, which --env-file names, does not exist.`),
      ...(missing.length === 0
        ? []
        : [
            `Required secrets are missing: ${missing.join(", ")}. Add them to .dev.vars or .env, or set them in the environment.`,
          ]),
    ],
  };
}

const API_TOKEN_NAME = "KVASIR_TOKEN";

function readDotEnv(
  files: readonly string[],
  { required, processEnv }: LocalVarsOptions,
): Record<string, string> {
  if (processEnv["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] === "false") return {};
  const parsed: Record<string, string> = {};
  for (const path of files) if (existsSync(path)) Object.assign(parsed, parse(readFileSync(path)));
  const includesProcess = required !== undefined || processEnv["CLOUDFLARE_INCLUDE_PROCESS_ENV"] === "true";
  const known = includesProcess ? defined(processEnv) : {};
  return { ...known, ...expand({ parsed, processEnv: known }).parsed };
}

function devVarsNames(env: string | undefined): string[] {
  return [...(env === undefined ? [] : [`.dev.vars.${env}`]), ".dev.vars"];
}

/** In the order in which they are read: later files win. */
function dotEnvNames(env: string | undefined): string[] {
  return [".env", ".env.local", ...(env === undefined ? [] : [`.env.${env}`, `.env.${env}.local`])];
}

function inFolder(folder: string, names: readonly string[]): string[] {
  return names.map((name) => resolve(folder, name));
}

/** wrangler looks beside the config. People who complete a path in their shell mean the current folder. */
function givenFile(folder: string, file: string): string {
  const beside = resolve(folder, file);
  return existsSync(beside) ? beside : resolve(file);
}

function defined(record: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
