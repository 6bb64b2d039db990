import type { Socket } from "node:net";
import type { KvError } from "@kvasir/client/namespace";
import type { Exchange, ExchangeOwner } from "./exchange.js";

/** What becomes of the requests of a listener. */
export interface RequestHandler extends ExchangeOwner {
  closing: boolean;

  /** Responds to a request, now or later. */
  dispatch(exchange: Exchange): void;

  /** Responds to a request that is refused before it is looked at. */
  refuse(exchange: Exchange, error: KvError): void;

  /**
   * Ends the request under way on a connection because of an exception outside of its call chain. The connection is
   * closed too, because what follows on it may be misread.
   */
  failOn(socket: Socket, thrown: unknown): void;

  /** A connection was lost before it was accepted; the others are as they were. */
  acceptFailed(error: Error): void;
}
