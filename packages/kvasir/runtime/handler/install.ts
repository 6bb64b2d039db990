import type { KVNamespace } from "@kvasir/client/namespace";
import { boundNamespace } from "./bound-namespace.ts";
import { takeServices, userEnv } from "./services.ts";
import type { ScriptSettings } from "./settings.ts";
import { rerouteFetch } from "./telnyx-fetch.ts";

/** The `env` that `import { env } from "@telnyx/edge-runtime"` gives. Filled before the user's code asks for it. */
export const env: Record<string, unknown> = {};

/** Stands where programs expect a key: the way to the local API needs none, and functions get no real one. */
const PLACEHOLDER_KEY = "kvasir-needs-no-key";

/** What functions written for Telnyx find in their surroundings, beside their prelude. */
export function installTelnyx({ namespaces }: ScriptSettings): void {
  takeServices();
  rerouteFetch();
  const variables = process.env;
  for (const { binding, id } of namespaces) variables[`KV_${binding}_ID`] ??= id;
  variables["TELNYX_API_KEY"] ??= PLACEHOLDER_KEY;
  Object.assign(env, userEnv());
  for (const { binding, id } of namespaces) {
    env[binding] = boundNamespace(id, userEnv()[binding] as KVNamespace);
  }
}

/** As a global that code may assign to or shadow. */
export function defineGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

/** Globals of the handler dialect that are no helpers. */
export function handlerGlobals({ namespaces }: ScriptSettings): Readonly<Record<string, unknown>> {
  return {
    env: userEnv(),
    KV_NAMESPACE_ID: namespaces[0]?.id,
    API_KEY: process.env["API_KEY"] ?? process.env["TELNYX_API_KEY"],
  };
}
