import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ListenOptions } from "node:net";
import type { Dispatcher } from "./dispatcher.js";
import { CONNECTIONS_MAX, HEADER_BYTES_MAX, type HttpLimits, LISTEN_BACKLOG } from "./limits.js";
import { SilentSockets } from "./silent-sockets.js";
import { answerSocketError } from "./socket-errors.js";
import { keepTickShape } from "./tick-shape.js";

/** One address that requests come in at. */
export class Listener {
  readonly #server: Server;
  readonly #dispatcher: Dispatcher;
  readonly #graceMs: number;

  private constructor(server: Server, dispatcher: Dispatcher, graceMs: number) {
    this.#server = server;
    this.#dispatcher = dispatcher;
    this.#graceMs = graceMs;
  }

  static async listen(dispatcher: Dispatcher, address: ListenOptions, limits: HttpLimits): Promise<Listener> {
    keepTickShape();
    const server = createServer({
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // Idle connections are SilentSockets' too: Node would set two timers anew for each request.
      keepAliveTimeout: 0,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
    });
    const silent = new SilentSockets(server, {
      silenceMsMax: limits.socketIdleTimeoutMs,
      idleMsMax: limits.keepAliveTimeoutMs,
      intervalMs: limits.timeoutCheckIntervalMs,
    });
    server.once("close", () => silent.close());
    server.maxConnections = CONNECTIONS_MAX;
    const dispatch = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      // What Node itself takes from `keepAliveTimeout` to tell the client of.
      (response as { _keepAliveTimeout?: number })._keepAliveTimeout = limits.keepAliveTimeoutMs;
      dispatcher.dispatch(request, response, expectsContinue);
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
    return new Listener(server, dispatcher, limits.shutdownGraceMs);
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
      const cut = setTimeout(() => this.#server.closeAllConnections(), this.#graceMs);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
    });
  }
}
