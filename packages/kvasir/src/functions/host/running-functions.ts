import type { FakeClock } from "@kvasir/store";
import type { EventSink } from "../../events/events.js";
import type { RequestCounts } from "../../wire/function-report.js";
import type { FunctionsEndpoint, Outbound } from "../../wire/functions-wire.js";
import type { ConfigOverrides } from "../config/config-overrides.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import type { InheritedSocket } from "../workerd/listen-socket.js";
import type { TlsKeypair } from "../workerd/tls-keypair.js";

export interface StartFunctionsOptions {
  /** Folders with a config, config files, or function files. */
  readonly paths: readonly string[];
  /**
   * Whether the first function gets all requests of clients, as in `wrangler dev -c a -c b`. The others are reached
   * by bindings. @default false: several functions are under `/<name>/` and at their routes
   */
  readonly firstGetsAll?: boolean | undefined;
  /** The environment of the configs. */
  readonly env?: string | undefined;
  /** What the command line sets, above the configs. */
  readonly overrides?: ConfigOverrides | undefined;
  /** @default `dev.ip` of the first config that has it, else 127.0.0.1 */
  readonly host?: string | undefined;
  /** 0 picks a free port. @default `dev.port` of the first config that has it, else 8787 */
  readonly port?: number | undefined;
  /** What `dev` speaks. @default `dev.local_protocol` of the first config that has it, else http */
  readonly localProtocol?: "http" | "https" | undefined;
  /** Supplies the certificate for a host, if `dev` speaks https. */
  readonly keypair?: ((host: string) => Promise<TlsKeypair>) | undefined;
  /** A socket to listen on instead, if another process holds the port open. */
  readonly inherited?: InheritedSocket | undefined;
  /** `dev` watches the sources and shows errors to the client. */
  readonly mode: "dev" | "serve";
  /**
   * The endpoints of the store. Several are distributed over the processes. A promise lets bundling start
   * earlier.
   */
  readonly endpoint: FunctionsEndpoint | Endpoints | Promise<FunctionsEndpoint | Endpoints>;
  /** Number of workerd processes that share the port. @default 1 */
  readonly processes?: number;
  /**
   * How long an Express-style, Python or Go function may take to begin its response, in milliseconds.
   * @default 30,000
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How much memory each process of a function may use. @default a quarter of the memory of the machine or
   * container
   */
  readonly memory?: MemoryLimit;
  /** How long functions may take from start to listening, in milliseconds of their own time. @default 15,000 */
  readonly startMsMax?: number;
  /**
   * How long code in a Worker may run without a pause before its workerd is restarted, in milliseconds of CPU
   * time. @default 30,000
   */
  readonly busyMsMax?: number;
  /** The folder in which Go functions are compiled. @default in the user's cache folder */
  readonly cacheDirectory?: string;
  /** The folder in which Durable Objects keep their data. @default one that is removed at the end */
  readonly objectsFolder?: string;
  /** What `fetch` in a function may reach. @default "all" */
  readonly outbound?: Outbound;
  /** Where debuggers attach in `dev`; 0 picks a free port. @default `dev.inspector_port`, else they cannot */
  readonly inspectorPort?: number | undefined;
  /** The address for debuggers. @default `dev.inspector_ip`, else 127.0.0.1 */
  readonly inspectorHost?: string | undefined;
  /** What `request.cf` shows. @default the placeholders that wrangler shows without a network */
  readonly cf?: Readonly<Record<string, unknown>> | undefined;
  /** Ranges of addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. @default none */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Whether `/__scheduled` runs the `scheduled` handler in `dev`. @default false */
  readonly testScheduled?: boolean | undefined;
  /** Whether pages reload after an edit in `dev`. @default false */
  readonly liveReload?: boolean | undefined;
  /**
   * The clock that `Date` shows in JavaScript functions. It must be the clock of the database. Timers stay
   * real, and so does the time of Python and Go functions. @default the machine's time
   */
  readonly clock?: FakeClock | undefined;
  /**
   * Creates a namespace that a config declares, unless it exists. The attributes apply to a new namespace.
   */
  readonly ensureNamespace: (
    id: string,
    title: string,
    attributes?: Readonly<Record<string, string>>,
  ) => Promise<void>;
  /** Gives the start up. Build commands and compilations end. */
  readonly signal?: AbortSignal | undefined;
  /** Whether `serve` reports each request, as `dev` does, and names it in the response. @default false */
  readonly logRequests?: boolean | undefined;
  /** Receives the requests that a function has responded to, about once a second. @default not called */
  readonly onRequests?: ((functionName: string, counts: RequestCounts) => void) | undefined;
  readonly onEvent: EventSink;
}

export type Endpoints = readonly FunctionsEndpoint[];

export interface RunningFunctions {
  /** The URL of the functions: one function is at `/`, several are under `/<name>/`. */
  readonly url: string;
  /** A page that debugs the first function. `undefined` if debuggers cannot attach. */
  readonly devtools: string | undefined;
  /** Process ids of the workerds that serve now. */
  readonly pids: readonly number[];
  /**
   * Moves all functions to new endpoints of the store. A function that cannot start with them keeps the old
   * ones, and an error is reported.
   */
  useEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void>;
  /** Lets requests in flight finish. */
  close(): Promise<void>;
}
