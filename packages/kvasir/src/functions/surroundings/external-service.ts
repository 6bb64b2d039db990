import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { NamedValue } from "./worker-part.js";

/** A service at the API's endpoint for functions, with headers that code in the Worker cannot set. */
export function externalService(
  name: string,
  { address, headers }: FunctionsEndpoint,
  injected: Readonly<Record<string, string>>,
): NamedValue {
  const injectRequestHeaders = Object.entries({ ...headers, ...injected }).map(([header, value]) => ({
    name: header,
    value,
  }));
  return { name, external: { address, http: { injectRequestHeaders } } };
}
