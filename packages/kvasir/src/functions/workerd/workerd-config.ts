import {
  CONTROL_ENTRYPOINT,
  type FunctionsEndpoint,
  type Outbound,
  PROCESS_BINDING,
} from "../../wire/functions-wire.js";
import { NAMESPACE_HEADER, NAMESPACES_HEADER } from "../../wire/names.js";
import { newestCompatibilityDate } from "../config/workerd-package.js";
import type { OwnService } from "../modules/function-dialect.js";
import type { FunctionService } from "../modules/function-service.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { heapFlags, type MemoryLimit } from "../resources/memory-limit.js";
import { type CapnpValue, capnpText } from "./capnp-text.js";

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
  /** Starts with a closed gate, because another workerd is still serving. */
  readonly shut: boolean;
}

const KV_MODULE = "kvasir:kv";

/**
 * Generates workerd's config: the functions, their namespaces, the router if there is one, and the sockets.
 */
export function workerdConfig(options: WorkerdConfigOptions): string {
  const { functions, routed, outbound, memory } = options;
  const [only] = functions;
  const entry = routed === undefined && only !== undefined ? serviceName(only) : "router";
  const config: CapnpValue = {
    services: [
      ...functions.map(functionService),
      ...(routed === undefined ? [] : [routerService(options, routed), ...routed.map(remoteService)]),
      ...namespaceServices(options),
      ...functions.flatMap((service) => ownServices(service, options.endpoint)),
      ...functions.flatMap(processServices),
      {
        name: "internet",
        network: {
          allow: outbound === "all" ? ["public", "private"] : ["public"],
          tlsOptions: { trustBrowserCas: true },
        },
      },
    ],
    sockets: [
      { name: HTTP_SOCKET, http: {}, service: { name: entry } },
      {
        name: CONTROL_SOCKET,
        address: "127.0.0.1:0",
        http: {},
        service: { name: entry, entrypoint: entry === "router" ? "control" : CONTROL_ENTRYPOINT },
      },
    ],
    extensions: [
      { modules: [{ name: KV_MODULE, internal: true, esModule: runtimeModule("kv-binding").body }] },
    ],
    logging: { structuredLogging: true },
    v8Flags: heapFlags(memory),
  };
  return `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${capnpText(config)};\n`;
}

function functionService(service: FunctionService): CapnpValue {
  return {
    name: serviceName(service),
    worker: {
      modules: service.modules.map(({ name, type, body }) => ({ name, [type]: body })),
      compatibilityDate: service.compatibilityDate,
      compatibilityFlags: service.compatibilityFlags,
      bindings: [
        ...Object.entries(service.vars).map(([name, value]) =>
          typeof value === "string" ? { name, text: value } : { name, json: JSON.stringify(value) },
        ),
        ...service.kvNamespaces.map(({ binding, id }) => ({
          name: binding,
          wrapped: {
            moduleName: KV_MODULE,
            innerBindings: [
              { name: "native", kvNamespace: { name: namespaceServiceName(id) } },
              { name: "http", service: { name: namespaceServiceName(id) } },
            ],
          },
        })),
        ...service.services.map((own) => ({
          name: `kvasir:${own}`,
          service: { name: ownServiceName(service, own) },
        })),
        ...processServices(service).map(({ name }) => ({ name: PROCESS_BINDING, service: { name } })),
      ],
    },
  };
}

/**
 * The services of a function's runtime. Its first namespace is not included, because it has a service
 * already.
 */
function ownServices(service: FunctionService, endpoint: FunctionsEndpoint): CapnpValue[] {
  const ids = service.kvNamespaces.map(({ id }) => id).join(",");
  return service.services.flatMap((own): CapnpValue[] => {
    const name = ownServiceName(service, own);
    if (own === "files")
      return [{ name, disk: { path: service.root, writable: false, allowDotfiles: false } }];
    if (own === "telnyx") return [externalService(name, endpoint, { [NAMESPACES_HEADER]: ids })];
    return [];
  });
}

function processServices({ name, processAddress: address }: FunctionService) {
  return address === undefined ? [] : [{ name: `process:${name}`, external: { address, http: {} } }];
}

function ownServiceName(service: FunctionService, own: OwnService): string {
  const [first] = service.kvNamespaces;
  if (own === "values" && first !== undefined) return namespaceServiceName(first.id);
  return `${own}:${service.name}`;
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
  return { name: serviceName({ name }), external: { address, http: {} } };
}

/**
 * One service for each namespace. All lead to the API's endpoint, with the namespace's id in
 * a header that code cannot set.
 */
function namespaceServices({ functions, endpoint }: WorkerdConfigOptions): CapnpValue[] {
  const ids = new Set(functions.flatMap(({ kvNamespaces }) => kvNamespaces.map(({ id }) => id)));
  return [...ids].map((id) =>
    externalService(namespaceServiceName(id), endpoint, { [NAMESPACE_HEADER]: id }),
  );
}

function externalService(
  name: string,
  { address, headers }: FunctionsEndpoint,
  injected: Readonly<Record<string, string>>,
): CapnpValue {
  const injectRequestHeaders = Object.entries({ ...headers, ...injected }).map(([header, value]) => ({
    name: header,
    value,
  }));
  return { name, external: { address, http: { injectRequestHeaders } } };
}

function serviceName({ name }: Pick<FunctionService, "name">): string {
  return `function:${name}`;
}

function namespaceServiceName(id: string): string {
  return `namespace:${id}`;
}
