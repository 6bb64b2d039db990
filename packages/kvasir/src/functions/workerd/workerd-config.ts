import { CONTROL_ENTRYPOINT, type FunctionsEndpoint, type Outbound } from "../../wire/functions-wire.js";
import { CF_HEADER, CLIENT_HEADER } from "../../wire/request-facts.js";
import { newestCompatibilityDate } from "../config/workerd-package.js";
import type { FunctionService } from "../modules/function-service.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { heapFlags, type MemoryLimit } from "../resources/memory-limit.js";
import type { CapnpValue } from "../surroundings/capnp-value.js";
import { SURROUNDINGS } from "../surroundings/surroundings.js";
import type { NamedValue, WorkerPart, WorkerPlace } from "../surroundings/worker-part.js";
import { capnpText } from "./capnp-text.js";

/** The socket for requests to functions. */
export const HTTP_SOCKET = "http";
/** The socket through which Kvasir talks to the gate. */
export const CONTROL_SOCKET = "control";

/** A function that runs in another workerd. */
export interface RemoteFunction {
  readonly name: string;
  /** The address on which that workerd accepts: `unix:/path` or `host:port`. */
  readonly address: string;
}

export interface WorkerdConfigOptions {
  /** Exactly one, unless there is a router. */
  readonly functions: readonly FunctionService[];
  /** If set, a router forwards `/<name>/…` to the functions of this workerd and to these. */
  readonly routed?: readonly RemoteFunction[] | undefined;
  readonly memory: MemoryLimit;
  readonly endpoint: FunctionsEndpoint;
  /** The addresses that `fetch` may reach: all of them, or only public ones. */
  readonly outbound: Outbound;
  readonly secret: string;
  /** The requests come from the router of another workerd. */
  readonly isBehindRouter: boolean;
  readonly trustsProxies: boolean;
  /** Starts with a closed gate, because another workerd is still serving. */
  readonly shut: boolean;
}

/**
 * Generates workerd's config: the functions, their surroundings, the router if there is one, and the sockets.
 */
export function workerdConfig(options: WorkerdConfigOptions): string {
  const { functions, routed, endpoint, outbound, memory } = options;
  const [only] = functions;
  const entry = routed === undefined && only !== undefined ? serviceName(only) : "router";
  const parts = functions.map((service) => partsOf(service, { endpoint }));
  const config: CapnpValue = {
    services: [
      ...functions.map((service, at) => functionService(service, parts[at] ?? [])),
      ...(routed === undefined ? [] : [routerService(options, routed), ...routed.map(remoteService)]),
      ...byName(parts.flat().flatMap(({ services = [] }) => services)),
      {
        name: "internet",
        network: {
          allow: outbound === "all" ? ["public", "private"] : ["public"],
          tlsOptions: { trustBrowserCas: true },
        },
      },
    ],
    sockets: [
      { name: HTTP_SOCKET, http: httpOptions(options), service: { name: entry } },
      {
        name: CONTROL_SOCKET,
        address: "127.0.0.1:0",
        http: {},
        service: { name: entry, entrypoint: entry === "router" ? "control" : CONTROL_ENTRYPOINT },
      },
    ],
    extensions: byName(parts.flat().flatMap(({ internalModules = [] }) => internalModules)).map((module) => ({
      modules: [{ ...module, internal: true }],
    })),
    logging: { structuredLogging: true },
    v8Flags: heapFlags(memory),
  };
  return `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${capnpText(config)};\n`;
}

function partsOf(service: FunctionService, place: WorkerPlace): readonly WorkerPart[] {
  return SURROUNDINGS.map((surrounding) => surrounding(service, place));
}

function functionService(service: FunctionService, parts: readonly WorkerPart[]): CapnpValue {
  return {
    name: serviceName(service),
    worker: {
      modules: service.modules.map(({ name, type, body }) => ({ name, [type]: body })),
      compatibilityDate: service.compatibilityDate,
      compatibilityFlags: service.compatibilityFlags,
      bindings: parts.flatMap(({ bindings = [] }) => bindings),
      ...Object.assign({}, ...parts.map(({ worker }) => worker)),
    },
  };
}

/** Parts of several functions may need the same service: the first one of each name. */
function byName(values: readonly NamedValue[]): readonly NamedValue[] {
  return [...new Map([...values].reverse().map((value) => [value.name, value])).values()].reverse();
}

function routerService(
  { functions, secret, shut }: WorkerdConfigOptions,
  routed: readonly RemoteFunction[],
): CapnpValue {
  const names = [...functions, ...routed].map(({ name }) => name);
  return {
    name: "router",
    worker: {
      modules: [runtimeModule("router"), runtimeModule("background")].map(({ name, body }) => ({
        name,
        esModule: body,
      })),
      compatibilityDate: newestCompatibilityDate(),
      bindings: [
        { name: "NAMES", json: JSON.stringify(names) },
        { name: "SECRET", text: secret },
        { name: "SHUT", json: JSON.stringify(shut) },
        ...names.map((name) => ({ name: `function:${name}`, service: { name: serviceName({ name }) } })),
      ],
    },
  };
}

function remoteService({ name, address }: RemoteFunction): CapnpValue {
  return { name: serviceName({ name }), external: { address, http: { cfBlobHeader: CF_HEADER } } };
}

/** Only trusted proxies may say who the client is, and which protocol it used. Routers pass on `request.cf`. */
function httpOptions({ isBehindRouter, trustsProxies }: WorkerdConfigOptions): CapnpValue {
  return {
    injectRequestHeaders: [{ name: CLIENT_HEADER }],
    ...(isBehindRouter ? { cfBlobHeader: CF_HEADER } : {}),
    ...(trustsProxies ? { forwardedProtoHeader: "X-Forwarded-Proto" } : {}),
  };
}

function serviceName({ name }: Pick<FunctionService, "name">): string {
  return `function:${name}`;
}
