import type { Socket } from "node:net";
import type { HttpLimits } from "../limits.js";
import type { RequestHandler } from "../request-handler.js";
import { DirectConnection } from "./direct-connection.js";

export interface DirectConnectionsOptions {
  readonly handler: RequestHandler;
  readonly limits: HttpLimits;
  /** Takes over a connection that has received something other than a plain request. */
  handOver(socket: Socket): void;
}

/** The connections of a listener that have received only plain requests so far. */
export class DirectConnections {
  readonly #connections = new Map<Socket, DirectConnection>();
  readonly #options: DirectConnectionsOptions;
  readonly #timer: NodeJS.Timeout;
  #closing = false;

  constructor(options: DirectConnectionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.limits.timeoutCheckIntervalMs).unref();
  }

  accept(socket: Socket): void {
    const { handler, limits, handOver } = this.#options;
    const connection = new DirectConnection(socket, {
      handler,
      limits,
      keepAliveSeconds: Math.floor(limits.keepAliveTimeoutMs / 1000),
      handOver,
      released: () => {
        this.#connections.delete(socket);
        if (this.#closing && this.#connections.size === 0) clearInterval(this.#timer);
      },
    });
    this.#connections.set(socket, connection);
  }

  /** Whether a request is in flight on a connection. `undefined` if the connection is not one of these. */
  isBusy(socket: Socket): boolean | undefined {
    return this.#connections.get(socket)?.isBusy;
  }

  /** Ends those on which nothing is under way. The others end with their answer, for the handler is closing. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#connections.values()) if (!connection.isBusy) connection.destroy();
    if (this.#connections.size === 0) clearInterval(this.#timer);
  }

  destroyAll(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  #look(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections.values()) if (connection.isLate(nowMs)) connection.giveUp();
  }
}
