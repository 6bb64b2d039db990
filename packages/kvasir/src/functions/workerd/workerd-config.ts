import {
  CONTROL_ENTRYPOINT,
  FRONT_ENTRYPOINT,
  type FunctionsEndpoint,
  type Outbound,
} from "../../wire/functions-wire.js";
import { CF_HEADER, CLIENT_HEADER, PROTOCOL_HEADER } from "../../wire/request-facts.js";
import type { Route } from "../config/routes.js";
import { newestCompatibilityDate } from "../config/workerd-package.js";
import type { FunctionService } from "../modules/function-service.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { heapFlags, type MemoryLimit } from "../resources/memory-limit.js";
import type { CapnpValue } from "../surroundings/capnp-value.js";
import { SURROUNDINGS } from "../surroundings/surroundings.js";
import {
  functionServiceName,
  type NamedValue,
  type WorkerPart,
  type WorkerPlace,
} from "../surroundings/worker-part.js";
import { capnpText } from "./capnp-text.js";
import type { TlsKeypair } from "./tls-keypair.js";

/** The name of a socket for requests to functions. */
export function httpSocket(at: number): string {
  return `http-${at}`;
}

/** The name of a socket through which Kvasir talks to a gate: of the router, or of each function. */
export function controlSocket(at: number): string {
  return `control-${at}`;
}

/** A function that runs in another workerd. */
export interface RemoteFunction {
  readonly name: string;
  /** The address on which that workerd accepts: `unix:/path` or `host:port`. */
  readonly address: string;
}

/** A route and the function to which it leads. */
export type RoutedAddress = Route & { readonly name: string };

export interface WorkerdConfigOptions {
  /** Several only if they call each other or if there is a router. */
  readonly functions: readonly FunctionService[];
  /** The function behind each HTTP socket, by name. A router is behind all of them. */
  readonly behind: readonly string[];
  /** The folder of Durable Objects. `undefined` if no function has any. */
  readonly objectsFolder: string | undefined;
  /** Where requests go by host and path, before they go by name. The most specific route comes first. */
  readonly routes?: readonly RoutedAddress[] | undefined;
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
  /** If set, the HTTP sockets speak https. */
  readonly tls: TlsKeypair | undefined;
  /** Whether pages reload after an edit. */
  readonly liveReload: boolean;
  /** Starts with a closed gate, because another workerd is still serving. */
  readonly shut: boolean;
}

/**
 * Generates workerd's config: the functions, their surroundings, the router if there is one, and the sockets.
 */
export function workerdConfig(options: WorkerdConfigOptions): string {
  const { functions, routed, endpoint, outbound, memory, objectsFolder } = options;
  const place = { endpoint, functions, objectsFolder };
  const parts = functions.map((service) => partsOf(service, place));
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
    sockets: sockets(options),
    extensions: byName(parts.flat().flatMap(({ internalModules = [] }) => internalModules)).map((module) => ({
      modules: [{ ...module, internal: true }],
    })),
    logging: { structuredLogging: true },
    v8Flags: heapFlags(memory),
  };
  return `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${capnpText(config)};\n`;
}

function sockets(options: WorkerdConfigOptions): readonly CapnpValue[] {
  const { functions, routed, behind } = options;
  const entry = (name: string) =>
    routed === undefined
      ? { name: functionServiceName(name), entrypoint: FRONT_ENTRYPOINT }
      : { name: "router" };
  const controlled =
    routed === undefined
      ? functions.map(({ name }) => ({ name: functionServiceName(name), entrypoint: CONTROL_ENTRYPOINT }))
      : [{ name: "router", entrypoint: "control" }];
  return [
    ...behind.map((name, at) => ({ name: httpSocket(at), ...protocol(options), service: entry(name) })),
    ...controlled.map((service, at) => ({
      name: controlSocket(at),
      address: "127.0.0.1:0",
      http: {},
      service,
    })),
  ];
}

function partsOf(service: FunctionService, place: WorkerPlace): readonly WorkerPart[] {
  return SURROUNDINGS.map((surrounding) => surrounding(service, place));
}

function functionService(service: FunctionService, parts: readonly WorkerPart[]): CapnpValue {
  return {
    name: functionServiceName(service.name),
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
  { functions, routes = [], secret, liveReload, shut }: WorkerdConfigOptions,
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
        { name: "ROUTES", json: JSON.stringify(routes) },
        { name: "SECRET", text: secret },
        { name: "LIVE_RELOAD", json: JSON.stringify(liveReload) },
        { name: "SHUT", json: JSON.stringify(shut) },
        ...functions.map(({ name }) => ({
          name: `function:${name}`,
          service: { name: functionServiceName(name), entrypoint: FRONT_ENTRYPOINT },
        })),
        ...routed.map(({ name }) => ({
          name: `function:${name}`,
          service: { name: functionServiceName(name) },
        })),
      ],
    },
  };
}

function remoteService({ name, address }: RemoteFunction): CapnpValue {
  return { name: functionServiceName(name), external: { address, http: BEHIND_ROUTER } };
}

/** workerd itself speaks TLS, so that requests still reach it directly. */
function protocol(options: WorkerdConfigOptions): { readonly [field: string]: CapnpValue } {
  const { tls } = options;
  if (tls === undefined) return { http: httpOptions(options) };
  const keypair = { privateKey: tls.privateKey, certificateChain: tls.certificates };
  return { https: { options: httpOptions(options), tlsOptions: { keypair } } };
}

/** What a router passes on about the client. */
const BEHIND_ROUTER = { cfBlobHeader: CF_HEADER, forwardedProtoHeader: PROTOCOL_HEADER };

/** Only trusted proxies may say who the client is, and which protocol it used. */
function httpOptions({ isBehindRouter, trustsProxies }: WorkerdConfigOptions): CapnpValue {
  return {
    injectRequestHeaders: [{ name: CLIENT_HEADER }],
    ...(trustsProxies ? { forwardedProtoHeader: "X-Forwarded-Proto" } : {}),
    ...(isBehindRouter ? BEHIND_ROUTER : {}),
  };
}
