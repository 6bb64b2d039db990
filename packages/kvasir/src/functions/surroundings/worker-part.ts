import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { FunctionService } from "../modules/function-service.js";
import type { CapnpValue } from "./capnp-value.js";

/** An entry of a list in workerd's config. Entries of the same name are written once. */
export type NamedValue = { readonly name: string; readonly [field: string]: CapnpValue | undefined };

/** What one part of a Worker's surroundings adds to workerd's config (workerd.capnp). */
export interface WorkerPart {
  /** Bindings of the Worker, that is, members of `env`. */
  readonly bindings?: readonly NamedValue[];
  /** Services that the bindings or the Worker's settings refer to. */
  readonly services?: readonly NamedValue[];
  /** Modules that only wrapped bindings can import. */
  readonly internalModules?: readonly NamedValue[];
  /** Further fields of the Worker, such as `cacheApiOutbound`. */
  readonly worker?: Readonly<Record<string, CapnpValue | undefined>>;
}

/** What a part may need to know of the workerd that it becomes a part of. */
export interface WorkerPlace {
  /** Where the store and Kvasir's own services respond. */
  readonly endpoint: FunctionsEndpoint;
  /** All functions that run in it. */
  readonly functions: readonly FunctionService[];
  /** The folder of Durable Objects. `undefined` if no function has any. */
  readonly objectsFolder: string | undefined;
}

/** The name of a function's service. */
export function functionServiceName(name: string): string {
  return `function:${name}`;
}

/** One part of a Worker's surroundings. Each is one file in this folder. Returns `{}` where it is unused. */
export type Surrounding = (service: FunctionService, place: WorkerPlace) => WorkerPart;
