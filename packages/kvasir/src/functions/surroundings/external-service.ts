import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { CapnpValue } from "./capnp-value.js";
import type { NamedValue } from "./worker-part.js";

/**
 * A service at the API's endpoint for functions, with headers that code in the Worker cannot set.
 *
 * @param options Further `HttpOptions` of workerd.
 */
export function externalService(
  name: string,
  { address, headers }: Pick<FunctionsEndpoint, "address" | "headers">,
  injected: Readonly<Record<string, string>>,
  options: Readonly<Record<string, CapnpValue>> = {},
): NamedValue {
  const injectRequestHeaders = Object.entries({ ...headers, ...injected }).map(([header, value]) => ({
    name: header,
    value,
  }));
  return { name, external: { address, http: { ...options, injectRequestHeaders } } };
}
