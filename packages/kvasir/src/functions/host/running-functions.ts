import type { FakeClock } from "@kvasir/store";
import type { EventSink } from "../../events/events.js";
import type { FunctionsEndpoint, Outbound } from "../../wire/functions-wire.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import type { InheritedSocket } from "../workerd/listen-socket.js";

export interface StartFunctionsOptions {
  /** Folders with a wrangler config, configs, or function files. */
  readonly paths: readonly string[];
  /** The configs' environment. */
  readonly env?: string | undefined;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Where they listen instead, if another process holds the port open. */
  readonly inherited?: InheritedSocket | undefined;
  /** `dev` watches the sources and shows errors to the client. */
  readonly mode: "dev" | "serve";
  /** Where workerd reaches the store; several are shared out among the processes. A promise lets bundling start now. */
  readonly endpoint: FunctionsEndpoint | Endpoints | Promise<FunctionsEndpoint | Endpoints>;
  /** How many workerd processes share the port. @default 1 */
  readonly processes?: number;
  /** How long an Express-style, Python or Go function may take until its answer begins, in milliseconds. @default 30,000 */
  readonly requestTimeoutMs?: number | undefined;
  /** How much memory each process of a function may have. @default a quarter of the machine's, or of the container's */
  readonly memory?: MemoryLimit;
  /** How long functions may take from start to listening, in milliseconds of their own time. @default 15,000 */
  readonly startMsMax?: number;
  /** How long code in a Worker may run without a pause before its workerd is started anew, in milliseconds of CPU time. @default 30,000 */
  readonly busyMsMax?: number;
  /** Where Go functions are compiled. @default in the user's cache folder */
  readonly cacheDirectory?: string;
  /** What `fetch` in a function may reach. @default "all" */
  readonly outbound?: Outbound;
  /**
   * What `Date` shows in JavaScript functions; the one that the database was opened with. Timers stay real, and so does
   * the time of Python and Go functions. @default the machine's time
   */
  readonly clock?: FakeClock | undefined;
  /** Creates a namespace that a config names, unless it is there; the attributes are a new one's. */
  readonly ensureNamespace: (
    id: string,
    title: string,
    attributes?: Readonly<Record<string, string>>,
  ) => Promise<void>;
  readonly onEvent: EventSink;
}

export type Endpoints = readonly FunctionsEndpoint[];

export interface RunningFunctions {
  /** Where they answer: one at `/`, several under `/<name>/`. */
  readonly url: string;
  /** Process ids of the workerds that serve now. */
  readonly pids: readonly number[];
  /** From now on the store is reached here. What cannot start with that goes on as it was, and is reported. */
  useEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void>;
  /** Lets the requests under way finish. */
  close(): Promise<void>;
}
