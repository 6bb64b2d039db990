import { createServer, type Server } from "node:http";
import type { ListenOptions, Socket } from "node:net";
import { DirectConnections } from "./direct/direct-connections.js";
import type { Dispatcher } from "./dispatcher.js";
import { CONNECTIONS_MAX, HEADER_BYTES_MAX, type HttpLimits, LISTEN_BACKLOG } from "./limits.js";
import { NodeConnections } from "./node-connections.js";
import { SilentSockets } from "./silent-sockets.js";
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

  static async listen(dispatcher: Dispatcher, address: ListenOptions, limits: HttpLimits): Promise<Listener> {
    keepTickShape();
    const server = createServer({
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // Idle connections are SilentSockets' too: Node would set two timers anew for each request.
      keepAliveTimeout: 0,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
      // NodeConnection checks it: two are refused as well as none.
      requireHostHeader: false,
    });
    const byNode = new NodeConnections({ server, dispatcher, limits });
    const handOver = (socket: Socket) => byNode.accept(socket);
    const direct = new DirectConnections({ dispatcher, limits, handOver });
    server.on("connection", (socket) => direct.accept(socket));
    const silent = new SilentSockets(server, {
      silenceMsMax: limits.socketIdleTimeoutMs,
      idleMsMax: limits.keepAliveTimeoutMs,
      intervalMs: limits.timeoutCheckIntervalMs,
      isBusy: (socket) => direct.isBusy(socket) ?? byNode.isBusy(socket),
    });
    server.once("close", () => silent.close());
    server.maxConnections = CONNECTIONS_MAX;
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
