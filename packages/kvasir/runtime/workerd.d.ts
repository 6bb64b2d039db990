// The parts of workerd's API that these modules use beyond the web platform. The names are workerd's.

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}

interface Fetcher {
  fetch(input: Request | string, init?: RequestInit): Promise<Response>;
}

interface Scheduler {
  wait(ms: number): Promise<void>;
}

interface PromiseRejectionEvent extends Event {
  readonly reason: unknown;
}

declare class WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket;
}

interface WebSocket {
  accept(): void;
}

interface ResponseInit {
  readonly webSocket?: WebSocket;
}

interface EndOfDocument {
  append(content: string, options: { readonly html: boolean }): void;
}

declare class HTMLRewriter {
  onDocument(handlers: { readonly end: (end: EndOfDocument) => void }): this;
  transform(response: Response): Response;
}

/** Needs nodejs_compat. */
declare const process: { readonly env: Record<string, string | undefined> };

declare module "cloudflare:workers" {
  export class WorkerEntrypoint<Props = unknown> {
    constructor(ctx: unknown, env: unknown);
    readonly ctx: ExecutionContext & { readonly props: Props };
    fetch?(request: Request): Response | Promise<Response>;
  }
  export class DurableObject {
    constructor(ctx: unknown, env: unknown);
    fetch?(request: Request): Response | Promise<Response>;
  }
  export const env: Readonly<Record<string, unknown>>;
  export function waitUntil(promise: Promise<unknown>): void;
}
