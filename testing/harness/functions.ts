import type { Database } from "@kvasir/store";
import { type RunningFunctions, type StartFunctionsOptions, startFunctions } from "kvasir";
import { openServer, type TestServer } from "./api.js";
import { Events } from "./events.js";

export interface Running {
  readonly functions: RunningFunctions;
  readonly database: Database;
  /** Where the API listens. */
  readonly api: string;
  readonly events: Events;
  /** The body of a GET. */
  text(path?: string): Promise<string>;
  close(): Promise<void>;
}

export interface RunOptions extends Partial<StartFunctionsOptions> {
  /** The server whose namespaces they use. Its caller stops it. @default a new one with the same clock */
  readonly server?: TestServer;
}

/** Starts functions, with an API in this process. */
export async function runFunctions(paths: readonly string[], options: RunOptions = {}): Promise<Running> {
  const { server, ...rest } = options;
  const events = new Events();
  const api = server ?? (await openServer({ clock: options.clock }));
  const stopApi = async () => {
    if (server === undefined) await api.stop();
  };
  try {
    const functions = await startFunctions({
      paths,
      host: "127.0.0.1",
      port: 0,
      mode: "dev",
      endpoint: api.server.listenForFunctions(),
      async ensureNamespace(id, title, attributes) {
        await api.database.catalog.ensure(id, title, attributes);
      },
      onEvent: events.sink,
      ...rest,
    });
    return {
      functions,
      database: api.database,
      api: api.url,
      events,
      // A connection for each request: what is tested is who responds, not which connection is still open.
      text: async (path = "/") =>
        (await fetch(functions.url + path, { headers: { Connection: "close" } })).text(),
      async close() {
        await functions.close();
        await stopApi();
      },
    };
  } catch (error) {
    await stopApi();
    throw error;
  }
}
