import { type Database, FakeClock, open } from "@kvasir/store";
import { onTestFinished } from "vitest";
import {
  type ApiServer,
  type ApiServerOptions,
  startApiServer,
} from "../../packages/kvasir/src/api-server.js";
import { failOnUnexpected } from "../unexpected.js";

export const ACCOUNT = "a".repeat(32);
export const ADMIN_TOKEN = "the-admin-token";

/** A server with a store of its own. */
export interface TestApi {
  readonly server: ApiServer;
  readonly database: Database;
  readonly clock: FakeClock;
  readonly url: string;
  /** The id of a namespace with the title `main`. */
  readonly namespaceId: string;
  /** `/client/v4/…/namespaces/{main}` */
  readonly cloudflare: string;
  /** `/binding/{main}` */
  readonly binding: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export type TestApiOptions = Partial<Omit<ApiServerOptions, "database" | "port">> & {
  /** @default one in memory */
  readonly location?: string;
  /** Whether the test provokes unexpected exceptions. Otherwise one of them fails the test. @default false */
  readonly provokesExceptions?: boolean;
};

/** Starts a server that the caller stops. */
export async function openApi({
  location = ":memory:",
  provokesExceptions = false,
  ...options
}: TestApiOptions = {}): Promise<TestApi> {
  const clock = new FakeClock();
  const database = open(location, { clock });
  const { id } = await database.catalog.create("main");
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
    clock,
    url: server.url,
    namespaceId: id,
    cloudflare: `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}`,
    binding: `/binding/${id}`,
    fetch: (path, init) => fetch(`${server.url}${path}`, init),
    async stop() {
      await server.close();
      await database.close();
    },
  };
}

/** Starts a server that ends with the test. */
export async function startApi(options?: TestApiOptions): Promise<TestApi> {
  const api = await openApi(options);
  onTestFinished(() => api.stop());
  return api;
}

/** The body as JSON, in the type that the caller expects. */
export async function jsonOf(response: Response | Promise<Response>) {
  return JSON.parse(await (await response).text());
}

export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** The form of an error in the Cloudflare dialect. */
export interface CloudflareError {
  readonly success: false;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  readonly messages: readonly unknown[];
  readonly result: null;
}
