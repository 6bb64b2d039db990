import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json, type MockAnswer } from "./answer.js";
import { MockNamespace } from "./namespace.js";
import { ApiRefusal, refusals } from "./refusals.js";
import { handle } from "./routes.js";

/**
 * What happens to a request instead of its response: a status with `Retry-After`, a connection that is dropped
 * before the response or after half of it, no response at all, or a response that is complete for HTTP and holds half of its body.
 */
export type Fault =
  | {
      readonly status: number;
      readonly retryAfter?: string;
      readonly code?: number;
      readonly message?: string;
    }
  | "hold"
  | "drop"
  | "cut"
  | "truncate";

export interface MockRequest {
  /** Counts from 1. */
  readonly number: number;
  readonly method: string;
  /** Below `/accounts/{id}/storage/kv/namespaces`, without the query. */
  readonly path: string;
}

export interface CloudflareMockOptions {
  /** @default the machine's clock */
  readonly nowMs?: () => number;
  /** Decides, for each request, whether it fails. @default none does */
  readonly fault?: (request: MockRequest) => Fault | undefined;
  /** Bulk reads lose a byte order mark at the start of a text. @default false */
  readonly dropsMarks?: boolean;
}

/** A stand-in for Cloudflare's API v4, as far as it concerns KV. It enforces the limits that are documented. */
export class CloudflareMock {
  readonly account = "0123456789abcdef0123456789abcdef";
  readonly token = "cf-token-of-the-mock";
  readonly namespaces = new Map<string, MockNamespace>();
  readonly requests: MockRequest[] = [];
  readonly options: CloudflareMockOptions;
  fault: CloudflareMockOptions["fault"];
  #server: Server | undefined;
  #url = "";

  constructor(options: CloudflareMockOptions = {}) {
    this.options = options;
    this.fault = options.fault;
  }

  /** The base URL, as wrangler takes it. */
  get url(): string {
    return this.#url;
  }

  /** wrangler's environment variables. */
  get env(): Readonly<Record<string, string>> {
    return {
      CLOUDFLARE_API_BASE_URL: this.#url,
      CLOUDFLARE_API_TOKEN: this.token,
      CLOUDFLARE_ACCOUNT_ID: this.account,
    };
  }

  nowMs(): number {
    return (this.options.nowMs ?? Date.now)();
  }

  create(title: string): MockNamespace {
    const namespace = new MockNamespace(randomUUID().replaceAll("-", ""), title);
    this.namespaces.set(namespace.id, namespace);
    return namespace;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://mock");
    const path = url.pathname.replace(/^.*\/storage\/kv\/namespaces/, "");
    const asked: MockRequest = { number: this.requests.length + 1, method: request.method ?? "GET", path };
    this.requests.push(asked);
    const fault = this.fault?.(asked);
    if (typeof fault === "object") return sendFault(response, fault);
    if (fault === "hold") return;
    if (fault === "drop") return void request.socket.destroy();
    const answer = this.#answer(request, url, Buffer.concat(chunks));
    const { status, headers, body } = answer;
    if (fault === "truncate") return void response.writeHead(status, headers).end(half(body));
    if (fault === undefined) return void response.writeHead(status, headers).end(body);
    response.writeHead(status, { ...headers, "Content-Length": body.length });
    response.write(half(body), () => request.socket.destroy());
  }

  #answer(request: IncomingMessage, url: URL, body: Buffer): MockAnswer {
    try {
      if (request.headers.authorization !== `Bearer ${this.token}`) throw refusals.token();
      const [, account, path] =
        /^\/client\/v4\/accounts\/([^/]+)\/storage\/kv\/namespaces(.*)$/.exec(url.pathname) ?? [];
      if (account === undefined || path === undefined) throw refusals.route(url.pathname);
      if (account !== this.account) throw refusals.account();
      return handle(this, {
        method: request.method ?? "GET",
        path,
        query: url.searchParams,
        headers: request.headers,
        body,
      });
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      return json(error.status, { success: false, errors: [error.item], messages: [], result: null });
    }
  }
}

function sendFault(
  response: ServerResponse,
  { status, retryAfter, code = 10_000 + status, message = "a fault" }: Exclude<Fault, string>,
): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    ...(retryAfter !== undefined && { "Retry-After": retryAfter }),
  });
  response.end(JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }));
}

function half(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}
