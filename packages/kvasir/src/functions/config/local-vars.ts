import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "dotenv";

export interface LocalVarsOptions {
  /** The folder of the config. */
  readonly folder: string;
  /** The environment that was chosen, if one was. */
  readonly env: string | undefined;
  /** Names the config declares in `secrets.required`; only these and those in `vars` are then loaded. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

export interface LocalVars {
  readonly values: Readonly<Record<string, string>>;
  /** Files that a change, an appearance or a removal of matters to. */
  readonly watch: readonly string[];
}

/**
 * Secrets for development from `.dev.vars.<env>`, else `.dev.vars`, else the `.env` files, as wrangler reads
 * them (reference: wrangler's dev/dev-vars.ts). Values are strings and win over the config's `vars`.
 */
export function readLocalVars(options: LocalVarsOptions): LocalVars {
  const { folder, env, processEnv } = options;
  const devVars = [...(env === undefined ? [] : [`.dev.vars.${env}`]), ".dev.vars"].map((name) =>
    join(folder, name),
  );
  const dotEnv = dotEnvNames(env).map((name) => join(folder, name));
  const values: Record<string, string> = {};

  const chosen = devVars.find((path) => existsSync(path));
  if (chosen !== undefined) {
    Object.assign(values, parse(readFileSync(chosen)));
  } else if (processEnv["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] !== "false") {
    for (const path of dotEnv) if (existsSync(path)) Object.assign(values, parse(readFileSync(path)));
    if (processEnv["CLOUDFLARE_INCLUDE_PROCESS_ENV"] === "true") Object.assign(values, defined(processEnv));
  }
  // People keep it in .env for the command line; a function must not have the key to the whole API.
  delete values[API_TOKEN_NAME];
  const { allowed } = options;
  return {
    values:
      allowed === undefined
        ? values
        : Object.fromEntries(Object.entries(values).filter(([name]) => allowed.has(name))),
    watch: [...devVars, ...dotEnv],
  };
}

const API_TOKEN_NAME = "KVASIR_TOKEN";

/** Later ones win. */
function dotEnvNames(env: string | undefined): string[] {
  return env === undefined
    ? [".env", ".env.local"]
    : [".env", `.env.${env}`, ".env.local", `.env.${env}.local`];
}

function defined(record: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
