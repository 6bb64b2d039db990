import { readConfigDocument } from "../../functions/config/config-document.js";
import { parseConfig } from "../../functions/config/config-schema.js";
import { readWorkerConfig } from "../../functions/config/worker-config.js";
import type { ConfigVariants } from "./declare-env.js";

/** A config with all its environments; if `env` is given, that environment alone. */
export function readConfigVariants(file: string, env: string | undefined): ConfigVariants {
  if (env !== undefined) return { top: readWorkerConfig(file, { env }), environments: new Map() };
  // Ignore CLOUDFLARE_ENV: the declarations cover every environment.
  const processEnv = { ...process.env, CLOUDFLARE_ENV: undefined };
  const names = Object.keys(parseConfig(readConfigDocument(file)).env ?? {});
  return {
    top: readWorkerConfig(file, { processEnv }),
    environments: new Map(names.map((name) => [name, readWorkerConfig(file, { env: name, processEnv })])),
  };
}
