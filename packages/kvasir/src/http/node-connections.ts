import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpLimits } from "./limits.js";
import { type Expectation, NodeConnection, type NodeConnectionOptions } from "./node-connection.js";
import type { RequestHandler } from "./request-handler.js";
import { answerConnect, answerSocketError } from "./socket-errors.js";

export interface NodeConnectionsOptions {
  /** Only takes the connections that it is handed. */
  readonly server: Server;
  readonly handler: RequestHandler;
  readonly limits: HttpLimits;
}

/** The connections of a listener that Node's HTTP server reads. */
export class NodeConnections {
  readonly #connections = new WeakMap<Duplex, NodeConnection>();
  readonly #options: NodeConnectionOptions;
  /** What the server does with a new connection. */
  readonly #setUp: (socket: Socket) => void;

  constructor({ server, handler, limits }: NodeConnectionsOptions) {
    this.#options = { handler, limits };
    this.#setUp = takeConnectionsOf(server);
    // A client that ends its side after a request still gets the answer, as on a direct connection.
    (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    const begin = (expectation: Expectation) => (request: IncomingMessage, response: ServerResponse) => {
      // What Node itself takes from `keepAliveTimeout` to tell the client of.
      (response as { _keepAliveTimeout?: number })._keepAliveTimeout = limits.keepAliveTimeoutMs;
      this.#connections.get(request.socket)?.begin({ request, response }, expectation);
    };
    server.on("request", begin("none"));
    // Who waits for leave to send a body gets it when the body is wanted, not before the request is checked.
    server.on("checkContinue", begin("continue"));
    server.on("checkExpectation", begin("unknown"));
    server.on("connect", (_request, socket) => answerConnect(socket));
    server.on("clientError", (error, socket) => {
      const isAnswered = this.#connections.get(socket)?.isAnswered === true;
      answerSocketError(error, socket, { isAnswered });
    });
  }

  /** @param socket paused */
  accept(socket: Socket): void {
    const before = socket.listeners("data");
    this.#setUp(socket);
    const feed = socket.listeners("data").find((listener) => !before.includes(listener));
    if (feed === undefined) throw new Error("Node's HTTP server does not listen for data");
    this.#connections.set(socket, new NodeConnection(socket, feed as (bytes: Buffer) => void, this.#options));
  }

  /** Whether a request is under way on a connection. */
  isBusy(socket: Socket): boolean {
    return this.#connections.get(socket)?.isBusy === true;
  }
}

/** Takes from a server what it does with each new connection, and returns it. */
function takeConnectionsOf(server: Server): (socket: Socket) => void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  return (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
}
