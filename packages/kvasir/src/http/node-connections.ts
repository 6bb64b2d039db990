import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpLimits } from "./limits.js";
import { type Expectation, NodeConnection, type NodeConnectionOptions } from "./node-connection.js";
import type { RequestHandler } from "./request-handler.js";
import { answerConnect, answerSocketError, isTooSlow } from "./socket-errors.js";

export interface NodeConnectionsOptions {
  /** A server that does not listen: it only handles the connections that it is given. */
  readonly server: Server;
  readonly handler: RequestHandler;
  readonly limits: HttpLimits;
}

/** The connections of a listener that Node's HTTP server reads. */
export class NodeConnections {
  readonly #connections = new WeakMap<Duplex, NodeConnection>();
  readonly #options: NodeConnectionOptions;
  /** The function with which the server handles a new connection. */
  readonly #setUp: (socket: Socket) => void;

  constructor({ server, handler, limits }: NodeConnectionsOptions) {
    this.#options = { handler, limits };
    this.#setUp = takeConnectionsOf(server);
    // A client that ends its side after a request still gets the response, as on a direct connection.
    (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    const begin = (expectation: Expectation) => (request: IncomingMessage, response: ServerResponse) => {
      // Node itself takes this from `keepAliveTimeout`, to tell the client.
      (response as { _keepAliveTimeout?: number })._keepAliveTimeout = limits.keepAliveTimeoutMs;
      this.#connections.get(request.socket)?.begin({ request, response }, expectation);
    };
    server.on("request", begin("none"));
    // A client that waits for permission to send a body gets it when a handler reads the body, after the
    // request is checked.
    server.on("checkContinue", begin("continue"));
    server.on("checkExpectation", begin("unknown"));
    server.on("connect", (_request, socket) => answerConnect(socket));
    server.on("clientError", (error, socket) => {
      const connection = this.#connections.get(socket);
      // Node looks at the time of a request once, and leaves it to this listener what follows.
      if (isTooSlow(error) && connection?.mayTakeLong === true) return;
      answerSocketError(error, socket, { isAnswered: connection?.isAnswered === true });
    });
  }

  /** @param socket Paused. */
  accept(socket: Socket): void {
    const before = socket.listeners("data");
    this.#setUp(socket);
    const feed = socket.listeners("data").find((listener) => !before.includes(listener));
    if (feed === undefined) throw new Error("Node's HTTP server does not listen for data");
    this.#connections.set(socket, new NodeConnection(socket, feed as (bytes: Buffer) => void, this.#options));
  }

  /** Whether a request is in flight on a connection. */
  isBusy(socket: Socket): boolean {
    return this.#connections.get(socket)?.isBusy === true;
  }
}

/** Removes a server's listener for new connections and returns it. */
function takeConnectionsOf(server: Server): (socket: Socket) => void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  return (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
}
