import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { FunctionError } from "../../failure/function-error.js";
import { isAllowedClient } from "./allowed-client.js";
import { type InspectedWorker, InspectorSession } from "./inspector-session.js";

/** For addresses of which only the path counts. */
const BASE = "http://inspector";
/** Addresses that mean every address of the machine. Clients on this machine reach it on the loopback one. */
const ANY_ADDRESS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

/** The DevTools that wrangler opens. */
const DEVTOOLS = "https://devtools.devprod.cloudflare.dev/js_app";

/** A function and the debuggers that are attached to it. */
interface Target {
  /** `undefined` while its workerd is replaced. */
  worker: InspectedWorker | undefined;
  readonly sessions: Set<InspectorSession>;
}

/** One address at which debuggers find all functions, whichever workerds run them. */
export class InspectorProxy {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #targets = new Map<string, Target>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => this.#respond(request, response));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /**
   * @param port 0 picks a free one
   * @throws FunctionError if the address cannot be opened
   */
  static async listen(port: number, host = "127.0.0.1"): Promise<InspectorProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(listenError({ host, port }, error)));
      server.listen(port, host, resolve);
    });
    return new InspectorProxy(server);
  }

  /** `host:port` */
  get address(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `${ANY_ADDRESS[address] ?? (family === "IPv6" ? `[${address}]` : address)}:${port}`;
  }

  /** A page that debugs the first function. */
  get devtools(): string {
    return this.#devtoolsOf([...this.#targets.keys()][0] ?? "");
  }

  /** Whether a debugger is attached to a function. */
  isAttached(name: string): boolean {
    return (this.#targets.get(name)?.sessions.size ?? 0) > 0;
  }

  /** Call it before a function's workerd is replaced. If it is paused, it continues. */
  leave(name: string): void {
    const target = this.#targets.get(name);
    if (target === undefined) return;
    target.worker = undefined;
    for (const session of target.sessions) session.leave();
  }

  /** Moves the debuggers of a function to the workerd that runs it. Resolves when it has their breakpoints. */
  async enter(name: string, worker: InspectedWorker): Promise<void> {
    const target = this.#targets.get(name) ?? { worker, sessions: new Set() };
    target.worker = worker;
    this.#targets.set(name, target);
    await Promise.all(Array.from(target.sessions, (session) => session.enter(worker)));
  }

  /** Closes the debuggers of a function that is gone. */
  remove(name: string): void {
    for (const session of this.#targets.get(name)?.sessions ?? []) session.close();
    this.#targets.delete(name);
  }

  async close(): Promise<void> {
    for (const name of [...this.#targets.keys()]) this.remove(name);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", BASE);
    const body = isAllowedClient(request.headers) ? this.#document(pathname.replace(/\/$/, "")) : undefined;
    if (body === undefined) {
      response.writeHead(isAllowedClient(request.headers) ? 404 : 403).end();
      return;
    }
    response.writeHead(200, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
  }

  /** What debuggers ask for before they connect: https://chromedevtools.github.io/devtools-protocol/#endpoints */
  #document(path: string): unknown {
    if (path === "/json/version") return { Browser: "kvasir", "Protocol-Version": "1.3" };
    if (path !== "/json" && path !== "/json/list") return undefined;
    return Array.from(this.#targets.keys(), (name) => {
      const socket = `${this.address}/${encodeURIComponent(name)}`;
      const bundled = `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${socket}`;
      return {
        id: name,
        title: `kvasir: ${name}`,
        type: "node",
        description: "Worker",
        webSocketDebuggerUrl: `ws://${socket}`,
        devtoolsFrontendUrl: bundled,
        devtoolsFrontendUrlCompat: bundled,
        faviconUrl: "https://workers.cloudflare.com/favicon.ico",
        url: `https://${name}.localhost`,
      };
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const target = isAllowedClient(request.headers) ? this.#targetOf(request.url ?? "/") : undefined;
    if (target === undefined) {
      const status = isAllowedClient(request.headers) ? "404 Not Found" : "403 Forbidden";
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => attach(client, target));
  }

  /** A path that is not the name of a function means the first one, as with other inspectors' `/ws`. */
  #targetOf(path: string): Target | undefined {
    const { pathname } = new URL(path, BASE);
    const name = [...this.#targets.keys()].find((known) => pathname === `/${encodeURIComponent(known)}`);
    if (name !== undefined) return this.#targets.get(name);
    return pathname === "/" || pathname === "/ws" ? [...this.#targets.values()][0] : undefined;
  }

  #devtoolsOf(name: string): string {
    const query = new URLSearchParams({
      theme: "systemPreference",
      ws: `${this.address}/${encodeURIComponent(name)}`,
      domain: name,
      debugger: "true",
    });
    return `${DEVTOOLS}?${query}`;
  }
}

function attach(client: WebSocket, target: Target): void {
  // workerd has one debugger for each Worker. The newest one wins, as a reloaded DevTools page is a new one.
  for (const before of target.sessions) before.close();
  const session = new InspectorSession(client);
  target.sessions.add(session);
  client.on("close", () => target.sessions.delete(session));
  if (target.worker !== undefined) void session.enter(target.worker);
}

function listenError(
  { host, port }: { readonly host: string; readonly port: number },
  { code, message }: NodeJS.ErrnoException,
): FunctionError {
  if (code === "EADDRINUSE") {
    return new FunctionError(`Port ${port} for the inspector is in use.`, {
      hint: "Stop the program that uses it, or choose another port with --inspector-port (0 picks a free one).",
    });
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new FunctionError(
      `${host} is not an address of this machine, so no debugger could attach there.`,
      {
        hint: "Give --inspector-ip an address that this machine has, for example 127.0.0.1.",
      },
    );
  }
  return new FunctionError(`The inspector cannot listen: ${message}`);
}
