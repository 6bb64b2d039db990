import type { ServiceBinding } from "../config/services.js";
import { runtimeModule } from "../modules/runtime-module.js";
import type { NamedValue, Surrounding, WorkerPlace } from "./worker-part.js";
import { functionServiceName } from "./worker-part.js";

/** Stands in for Workers that do not run. */
const UNAVAILABLE = "unavailable";

/** Service bindings. Their Workers run in the same workerd (`host/connected-functions.ts`). */
export const services: Surrounding = ({ serviceBindings = [] }, place) => {
  const bindings = serviceBindings.map((binding) => serviceBinding(binding, place));
  return { bindings, services: bindings.some(isUnavailable) ? [unavailableService()] : [] };
};

function serviceBinding(
  { binding, service, entrypoint, props }: ServiceBinding,
  place: WorkerPlace,
): NamedValue {
  const message = whyUnavailable(service, place) ?? whyNoEntrypoint(service, entrypoint, place);
  if (message !== undefined) {
    return { name: binding, service: { name: UNAVAILABLE, props: { json: JSON.stringify({ message }) } } };
  }
  const given = props === undefined ? {} : { props: { json: JSON.stringify(props) } };
  return { name: binding, service: { name: functionServiceName(service), entrypoint, ...given } };
}

/** Why a Worker cannot be called, in wrangler's words if it was not started. */
export function whyUnavailable(worker: string, { functions }: WorkerPlace): string | undefined {
  const found = functions.find(({ name }) => name === worker);
  if (found === undefined) return `Worker "${worker}" not found. Make sure it is running locally.`;
  return found.broken === undefined ? undefined : `Worker "${worker}" does not run: ${found.broken}`;
}

function whyNoEntrypoint(
  service: string,
  entrypoint: string | undefined,
  { functions }: WorkerPlace,
): string | undefined {
  if (entrypoint === undefined) return undefined;
  const exports = functions.find(({ name }) => name === service)?.exports ?? [];
  if (exports.includes(entrypoint)) return undefined;
  return `Worker "${service}" has no entrypoint "${entrypoint}". Export a class of this name from it.`;
}

function unavailableService(): NamedValue {
  const { body } = runtimeModule("unavailable");
  return {
    name: UNAVAILABLE,
    worker: { modules: [{ name: "main.js", esModule: body }], compatibilityDate: STAND_IN_DATE },
  };
}

/** RPC is on by default since April 2024. */
export const STAND_IN_DATE = "2026-01-01";

function isUnavailable({ service }: NamedValue): boolean {
  return (service as { readonly name: string }).name === UNAVAILABLE;
}
