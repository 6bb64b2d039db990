import type { KVNamespace } from "@kvasir/client/namespace";
import { TELNYX_PLACEHOLDER_KEY } from "../../src/wire/names.js";
import { boundNamespace } from "./bound-namespace.js";
import { takeServices, userEnv } from "./services.js";
import type { ScriptSettings } from "./settings.js";
import { rerouteFetch } from "./telnyx-fetch.js";

/**
 * The `env` of `import { env } from "@telnyx/edge-runtime"`. It is filled before the user's code reads it.
 */
export const env: Record<string, unknown> = {};

/** Prepares the environment of functions written for Telnyx, except for their prelude. */
export function installTelnyx({ namespaces }: ScriptSettings): void {
  takeServices();
  rerouteFetch();
  const variables = process.env;
  for (const { binding, id } of namespaces) variables[`KV_${binding}_ID`] ??= id;
  variables["TELNYX_API_KEY"] ??= TELNYX_PLACEHOLDER_KEY;
  Object.assign(env, userEnv());
  for (const { binding, id } of namespaces) {
    env[binding] = boundNamespace(id, userEnv()[binding] as KVNamespace);
  }
}

/** Defines globals that code may assign to or shadow. */
export function defineGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

/** Globals of the handler dialect other than its helpers. */
export function handlerGlobals({ namespaces }: ScriptSettings): Readonly<Record<string, unknown>> {
  return {
    env: userEnv(),
    KV_NAMESPACE_ID: namespaces[0]?.id,
    API_KEY: process.env["API_KEY"] ?? process.env["TELNYX_API_KEY"],
  };
}
