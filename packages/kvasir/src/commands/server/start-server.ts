import { join } from "node:path";
import type { Database } from "@kvasir/store";
import type { ApiServer } from "../../api-server.js";
import type { EventSink } from "../../events.js";
import type { RunningFunctions } from "../../functions/start-functions.js";
import { makeDataDirectory } from "../data-directory.js";

export interface ServerOptions {
  readonly mode: "dev" | "serve";
  /** Workers to run; none: the API alone. */
  readonly paths: readonly string[];
  /** The environment of their configs. */
  readonly env?: string | undefined;
  /** Where the functions listen. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Processes that share the functions' port. */
  readonly functionProcesses: number;
  /** Where the API listens. */
  readonly apiHost: string;
  /** 0: any free port. */
  readonly apiPort: number;
  /** The data directory. */
  readonly data: string;
  readonly auth: { readonly mode: "dev" | "tokens" | "none"; readonly adminToken?: string };
  /** The account id that the API shows. @default 32 zeros */
  readonly account?: string | undefined;
  /** Report each request to the API. */
  readonly logRequests: boolean;
  readonly onEvent: EventSink;
}

export interface RunningServer {
  /** Absent when there are no functions. */
  readonly functions?: string;
  readonly api: string;
  /** Takes no more requests, finishes those under way, and lets go of the data. */
  close(): Promise<void>;
}

/** Opens the data, then starts the API and the functions on it. Whatever fails, nothing is left running. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const cleanups: (() => Promise<void>)[] = [];
  const close = async () => {
    // Last opened, first closed: requests end before the data that they use goes away.
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await start(options, cleanups)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Cleanups = (() => Promise<void>)[];

async function start(
  options: ServerOptions,
  cleanups: Cleanups,
): Promise<{ functions?: string; api: string }> {
  const opening = openApi(options, cleanups);
  if (options.paths.length === 0) return { api: (await opening).api.url };
  // Bundling goes on while the data is opened and the API starts: this is what keeps `dev` quick to be ready.
  const starting = runFunctions(options, opening);
  const [opened, started] = await Promise.allSettled([opening, starting]);
  if (started.status === "fulfilled") {
    // No door takes new requests; those in functions still reach the data.
    cleanups.push(async () => {
      await Promise.all([opening.then(({ api }) => api.closePort()), started.value.close()]);
    });
  }
  // Functions fail too when the API does; its own reason is the one to tell.
  if (opened.status === "rejected") throw opened.reason;
  if (started.status === "rejected") throw started.reason;
  return { api: opened.value.api.url, functions: started.value.url };
}

interface OpenedApi {
  readonly database: Database;
  readonly api: ApiServer;
}

async function openApi(options: ServerOptions, cleanups: Cleanups): Promise<OpenedApi> {
  makeDataDirectory(options.data);
  const [{ open }, { startApiServer }] = await Promise.all([
    import("@kvasir/store"),
    import("../../api-server.js"),
  ]);
  const database = open(options.data);
  cleanups.push(() => database.close());
  const { apiHost: host, apiPort: port, auth, account, logRequests, onEvent } = options;
  const api = await startApiServer({ database, host, port, auth, account, logRequests, onEvent });
  cleanups.push(() => api.close());
  return { database, api };
}

async function runFunctions(options: ServerOptions, opening: Promise<OpenedApi>): Promise<RunningFunctions> {
  const { startFunctions } = await import("../../functions/start-functions.js");
  const { paths, env, host, port, mode, functionProcesses, onEvent } = options;
  return await startFunctions({
    paths,
    env,
    host,
    port,
    mode,
    processes: functionProcesses,
    cacheDirectory: join(options.data, "cache"),
    endpoint: opening.then(({ api }) => api.listenForFunctions()),
    ensureNamespace: async (id, title, attributes) => {
      await (await opening).database.catalog.ensure(id, title, attributes);
    },
    onEvent,
  });
}
