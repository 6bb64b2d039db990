import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "dotenv";

export interface LocalVarsOptions {
  /** The folder of the config. */
  readonly folder: string;
  /** The selected environment, if any. */
  readonly env: string | undefined;
  /** Names in the config's `secrets.required`. If set, only these names and those in `vars` are loaded. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

export interface LocalVars {
  readonly values: Readonly<Record<string, string>>;
  /** Files to watch. They may not exist yet. */
  readonly watch: readonly string[];
}

/**
 * Reads development secrets from `.dev.vars.<env>`, else from `.dev.vars`, else from the `.env` files, as
 * wrangler does (reference: wrangler's dev/dev-vars.ts). Values are strings and win over the config's `vars`.
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
  // Users keep the API token in .env for the command line. A function must not get it.
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

/** In the order in which they are read: later files win. */
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
