import { mkdir } from "node:fs/promises";
import type { EventSink } from "../../events.js";

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

async function start(
  options: ServerOptions,
  cleanups: (() => Promise<void>)[],
): Promise<{ functions?: string; api: string }> {
  const { host, port, env, mode, onEvent, paths } = options;
  // The three rooms load at the same time: this is what keeps `dev` quick to be ready.
  const [{ open }, { startApiServer }, functionsModule] = await Promise.all([
    import("@kvasir/store"),
    import("../../http/server.js"),
    paths.length === 0 ? undefined : import("../../functions/start-functions.js"),
  ]);
  await mkdir(options.data, { recursive: true });
  const database = await open(options.data);
  cleanups.push(() => database.close());
  const api = await startApiServer({
    database,
    host: options.apiHost,
    port: options.apiPort,
    auth: options.auth,
    ...(options.account === undefined ? {} : { account: options.account }),
    logRequests: options.logRequests,
    onEvent,
  });
  cleanups.push(() => api.close());
  if (functionsModule === undefined) return { api: api.url };
  const functions = await functionsModule.startFunctions({
    paths: [...paths],
    ...(env === undefined ? {} : { env }),
    host,
    port,
    mode,
    endpoint: await api.listenForFunctions(),
    ensureNamespace: async (id, title) => {
      await database.catalog.ensure(id, title);
    },
    onEvent,
  });
  cleanups.push(() => functions.close());
  return { api: api.url, functions: functions.url };
}
