import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import { SECRET_HEADER, SHORT_LIVED_PATH } from "../../wire/names.js";
import { shownId } from "../../wire/namespace-id-forms.js";
import type { WorkerConfig } from "../config/function-config.js";

/** What of this process's environment a function sees: enough to find programs, files and certificates. */
const KEPT =
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|VIRTUAL_ENV|(HTTPS?|NO)_PROXY)$/i;
/** Where entries may live from one second on: the namespaces of these functions are not Workers KV's. */

export interface ProcessEnvironmentOptions {
  readonly config: WorkerConfig;
  readonly endpoint: FunctionsEndpoint;
  readonly mode: "dev" | "serve";
}

/**
 * The environment of a function's process: its variables, the ids of its namespaces and the way to them. The API's
 * token is not in it.
 */
export function processEnvironment({
  config,
  endpoint,
  mode,
}: ProcessEnvironmentOptions): Record<string, string> {
  const [first] = config.kvNamespaces;
  const secret = endpoint.headers[SECRET_HEADER];
  return {
    ...Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => KEPT.test(entry[0])),
    ),
    ...Object.fromEntries(
      Object.entries(config.vars).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    ...Object.fromEntries(
      config.kvNamespaces.map(({ binding, id }) => [`KV_${binding.toUpperCase()}_ID`, shownId(id)]),
    ),
    ...(first === undefined ? {} : { KV_NAMESPACE_ID: shownId(first.id) }),
    KVASIR_FUNCTIONS_ENDPOINT: endpoint.address,
    KVASIR_FUNCTIONS_PREFIX: SHORT_LIVED_PATH,
    ...(secret === undefined ? {} : { KVASIR_FUNCTIONS_SECRET: secret }),
    KVASIR_MODE: mode,
  };
}
