import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ListenOptions, Socket } from "node:net";
import { connectionsMax } from "./connections-max.js";
import { DirectConnections } from "./direct/direct-connections.js";
import type { Dispatcher } from "./dispatcher.js";
import { HEADER_BYTES_MAX, type HttpLimits, LISTEN_BACKLOG } from "./limits.js";
import { NodeExchange } from "./node-exchange.js";
import { SilentSockets } from "./silent-sockets.js";
import { answerSocketError } from "./socket-errors.js";
import { keepTickShape } from "./tick-shape.js";

/**
 * One address that requests come in at. Connections begin as direct ones; Node's HTTP server takes over those on
 * which something else than a plain request comes.
 */
export class Listener {
  readonly #server: Server;
  readonly #direct: DirectConnections;
  readonly #dispatcher: Dispatcher;
  readonly #graceMs: number;

  private constructor(
    server: Server,
    { direct, dispatcher, graceMs }: { direct: DirectConnections; dispatcher: Dispatcher; graceMs: number },
  ) {
    this.#server = server;
    this.#direct = direct;
    this.#dispatcher = dispatcher;
    this.#graceMs = graceMs;
  }

  /** @param onFull a connection was refused: so many are open already */
  static async listen(
    dispatcher: Dispatcher,
    address: ListenOptions,
    limits: HttpLimits,
    onFull?: (connections: number) => void,
  ): Promise<Listener> {
    keepTickShape();
    const server = createServer({
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // Idle connections are SilentSockets' too: Node would set two timers anew for each request.
      keepAliveTimeout: 0,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
    });
    const direct = new DirectConnections({ dispatcher, limits, handOver: takeConnectionsOf(server) });
    server.on("connection", (socket) => direct.accept(socket));
    const silent = new SilentSockets(server, {
      silenceMsMax: limits.socketIdleTimeoutMs,
      idleMsMax: limits.keepAliveTimeoutMs,
      intervalMs: limits.timeoutCheckIntervalMs,
      isBusy: (socket) => direct.isBusy(socket) ?? isAnswering(socket),
    });
    server.once("close", () => silent.close());
    server.maxConnections = connectionsMax();
    if (onFull !== undefined) server.on("drop", () => onFull(server.maxConnections));
    const dispatch = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      // What Node itself takes from `keepAliveTimeout` to tell the client of.
      (response as { _keepAliveTimeout?: number })._keepAliveTimeout = limits.keepAliveTimeoutMs;
      dispatcher.dispatch(new NodeExchange(dispatcher, { request, response }, { expectsContinue }));
    };
    server.on("request", dispatch(false));
    // Who waits for leave to send a body gets it when the body is wanted, not before the request is checked.
    server.on("checkContinue", dispatch(true));
    server.on("clientError", answerSocketError);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ backlog: LISTEN_BACKLOG, ...address }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return new Listener(server, { direct, dispatcher, graceMs: limits.shutdownGraceMs });
  }

  /** The port, 0 where it listens on no port. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  connections(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.getConnections((error, count) => resolve(error ? 0 : count));
    });
  }

  /** Takes no more connections, lets requests under way finish, and cuts those that take too long. */
  async close(): Promise<void> {
    this.#dispatcher.closing = true;
    // A connection that finishes its request now is not kept for another.
    this.#server.keepAliveTimeout = 1;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => {
        this.#server.closeAllConnections();
        this.#direct.destroyAll();
      }, this.#graceMs);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.#direct.close();
    });
  }
}

/** Takes from a server what it does with each new connection, and answers with it. */
function takeConnectionsOf(server: Server): (socket: Socket) => void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  return (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
}

/** Node keeps a connection's current answer here, from the head of its request on. */
function isAnswering(socket: Socket): boolean {
  return ((socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? null) !== null;
}
