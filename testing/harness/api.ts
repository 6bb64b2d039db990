import { type Clock, type Database, FakeClock, type OpenOptions, open } from "@kvasir/store";
import { type ApiServer, type ApiServerOptions, startApiServer } from "kvasir";
import { onTestFinished } from "vitest";
import { failOnUnexpected } from "./unexpected.js";

export const ACCOUNT = "a".repeat(32);
export const ADMIN_TOKEN = "the-admin-token";

/** An API server in the test's process, over a store of its own. */
export interface TestServer {
  readonly server: ApiServer;
  readonly database: Database;
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** The same under a clock that tests move, with a namespace that is called `main`. */
export interface TestApi extends TestServer {
  readonly clock: FakeClock;
  readonly namespaceId: string;
  /** `/client/v4/…/namespaces/{main}` */
  readonly cloudflare: string;
  /** `/binding/{main}` */
  readonly binding: string;
}

export type TestServerOptions = Partial<Omit<ApiServerOptions, "database" | "port">> &
  Pick<OpenOptions, "durability"> & {
    /** @default one in memory */
    readonly location?: string;
    /** @default the machine's */
    readonly clock?: Clock | undefined;
    /**
     * Whether the test provokes unexpected exceptions. Otherwise one of them fails the test. @default false
     */
    readonly provokesExceptions?: boolean;
  };

export type TestApiOptions = TestServerOptions & {
  /** @default a new one */
  readonly clock?: FakeClock;
};

/** Starts a server that the caller stops. */
export async function openServer(options: TestServerOptions = {}): Promise<TestServer> {
  return await listen(databaseOf(options), options);
}

/** A server with the namespace `main` that its caller stops. */
export async function openApi({
  clock = new FakeClock(),
  ...options
}: TestApiOptions = {}): Promise<TestApi> {
  const database = databaseOf({ clock, ...options });
  const { id } = await database.catalog.create("main");
  return {
    ...(await listen(database, options)),
    clock,
    namespaceId: id,
    cloudflare: `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}`,
    binding: `/binding/${id}`,
  };
}

/** The same for one test: it is stopped at its end. */
export async function startApi(options?: TestApiOptions): Promise<TestApi> {
  const api = await openApi(options);
  onTestFinished(() => api.stop());
  return api;
}

function databaseOf({ location = ":memory:", clock, durability }: TestServerOptions): Database {
  return open(location, { clock, durability });
}

async function listen(
  database: Database,
  { provokesExceptions = false, ...options }: TestServerOptions,
): Promise<TestServer> {
  const server = await startApiServer({
    database,
    host: "127.0.0.1",
    port: 0,
    auth: { mode: "dev" },
    ...options,
    onEvent(event) {
      if (!provokesExceptions) failOnUnexpected(event);
      options.onEvent?.(event);
    },
  });
  return {
    server,
    database,
    url: server.url,
    fetch: (path, init) => fetch(`${server.url}${path}`, init),
    async stop() {
      await server.close();
      await database.close();
    },
  };
}

/** The response's JSON, untyped: each test knows what it expects. */
export async function jsonOf(response: Response | Promise<Response>) {
  return JSON.parse(await (await response).text());
}

export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** An error response of the Cloudflare dialect. */
export interface CloudflareError {
  readonly success: false;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  readonly messages: readonly unknown[];
  readonly result: null;
}
