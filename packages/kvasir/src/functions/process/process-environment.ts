import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import { SECRET_HEADER, SHORT_LIVED_PATH, TELNYX_PLACEHOLDER_KEY } from "../../wire/names.js";
import { shownId } from "../../wire/namespace-id-forms.js";
import type { WorkerConfig } from "../config/function-config.js";

/**
 * The variables of Kvasir's own environment that a function gets: enough to find
 * programs, files and certificates.
 */
const KEPT =
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|VIRTUAL_ENV|(HTTPS?|NO)_PROXY)$/i;
/** This endpoint allows TTLs from one second. The limits of Workers KV do not apply to these functions. */

export interface ProcessEnvironmentOptions {
  readonly config: WorkerConfig;
  readonly endpoint: FunctionsEndpoint;
  readonly mode: "dev" | "serve";
}

/**
 * The environment of a function's process: its variables, the ids of its namespaces and the address of the
 * endpoint. It does not contain the API token.
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
    TELNYX_API_KEY: TELNYX_PLACEHOLDER_KEY,
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
    KVASIR_FUNCTIONS_NAMESPACES: config.kvNamespaces.map(({ id }) => id).join(","),
    ...(secret === undefined ? {} : { KVASIR_FUNCTIONS_SECRET: secret }),
    KVASIR_MODE: mode,
  };
}
