import { createServer, type Server } from "node:http";
import type { ListenOptions, Socket } from "node:net";
import { DirectConnections } from "../direct/direct-connections.js";
import { type HttpLimits, LISTEN_BACKLOG } from "../limits.js";
import { NodeConnections } from "../node-connections.js";
import type { RequestHandler } from "../request-handler.js";
import { connectionsMax } from "./connections-max.js";
import { SilentSockets } from "./silent-sockets.js";
import { keepTickShape } from "./tick-shape.js";

/**
 * One address at which the server listens. Connections begin as direct ones. Node's HTTP server takes over
 * those that receive something other than a plain request.
 */
export class Listener {
  readonly #server: Server;
  readonly #direct: DirectConnections;
  readonly #handler: RequestHandler;
  readonly #sockets: Pick<SilentSockets, "sockets">;
  readonly #graceMs: number;

  private constructor(
    server: Server,
    options: {
      readonly direct: DirectConnections;
      readonly handler: RequestHandler;
      readonly silent: SilentSockets;
      readonly graceMs: number;
    },
  ) {
    this.#server = server;
    this.#direct = options.direct;
    this.#handler = options.handler;
    this.#sockets = options.silent;
    this.#graceMs = options.graceMs;
  }

  /** @param onFull Called with the number of open connections when a further one is refused. */
  static async listen(
    handler: RequestHandler,
    address: ListenOptions,
    limits: HttpLimits,
    onFull?: (connections: number) => void,
  ): Promise<Listener> {
    keepTickShape();
    const server = createServer({
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // SilentSockets handles idle connections too. Node would set two timers for each request.
      keepAliveTimeout: 0,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
      // NodeConnection checks the header: it refuses two as well as none.
      requireHostHeader: false,
    });
    const byNode = new NodeConnections({ server, handler, limits });
    const handOver = (socket: Socket) => byNode.accept(socket);
    const direct = new DirectConnections({ handler, limits, handOver });
    const silent = new SilentSockets({
      silenceMsMax: limits.socketIdleTimeoutMs,
      idleMsMax: limits.keepAliveTimeoutMs,
      intervalMs: limits.timeoutCheckIntervalMs,
      isBusy: (socket) => direct.isBusy(socket) ?? byNode.isBusy(socket),
    });
    const isTcp = address.path === undefined;
    server.on("connection", (socket) => {
      if (isTcp && isReset(socket)) {
        socket.destroy();
        return;
      }
      handler.turns.othersCame();
      silent.watch(socket);
      direct.accept(socket);
    });
    server.once("close", () => silent.close());
    server.maxConnections = connectionsMax();
    if (onFull !== undefined) server.on("drop", () => onFull(server.maxConnections));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ backlog: LISTEN_BACKLOG, ...address }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    // From here on, an error concerns a connection that the system could not hand over (no descriptor left,
    // say).
    server.on("error", (error) => handler.acceptFailed(error));
    return new Listener(server, { direct, handler, silent, graceMs: limits.shutdownGraceMs });
  }

  /** The port, or 0 if it does not listen on a port. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /**
   * Ends the request whose code is currently running.
   *
   * @param asyncIds The async ids of the current execution and of what triggered it.
   * @returns whether it belongs to one of this listener's connections
   */
  failBehind(asyncIds: ReadonlySet<number>, thrown: unknown): boolean {
    for (const socket of this.#sockets.sockets) {
      if (!idsOf(socket).some((id) => id !== undefined && asyncIds.has(id))) continue;
      this.#handler.failOn(socket, thrown);
      return true;
    }
    return false;
  }

  connections(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.getConnections((error, count) => resolve(error ? 0 : count));
    });
  }

  /** Accepts no more connections, lets requests in flight finish, and cuts those that take too long. */
  async close(): Promise<void> {
    this.#handler.closing = true;
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

/**
 * Whether the client of a new TCP connection has reset it while it waited to be accepted. Its request can still be
 * read, but no response can be sent. Thousands of such connections may wait in front of a client that is still there.
 */
function isReset(socket: Socket): boolean {
  return socket.remoteAddress === undefined;
}

interface WithAsyncId {
  getAsyncId(): number;
}

/** The async ids that a connection's callbacks have: those of its handle and of its HTTP parser. */
function idsOf(socket: Socket): (number | undefined)[] {
  const { _handle, parser } = socket as { _handle?: WithAsyncId | null; parser?: WithAsyncId | null };
  return [_handle?.getAsyncId(), parser?.getAsyncId()];
}
