import { randomBytes } from "node:crypto";
import type { Exchange } from "../http/exchange.js";
import { REQUEST_ID_HEADER, sentRequestId } from "../wire/request-id.js";
import { trustedAddresses } from "../wire/trusted-addresses.js";

/**
 * Gives requests the ids by which the log and the client know them: the one that a trusted proxy sent, or a new
 * one. Only requests that are logged, or that fail unexpectedly, need one.
 */
export class RequestIds {
  readonly #trusts: (address: string) => boolean;
  /** Differs in each process, so that ids are unique among processes and restarts. */
  readonly #prefix = randomBytes(5).toString("hex");
  #made = 0;

  /** @param trustedProxies ranges of addresses */
  constructor(trustedProxies: readonly string[]) {
    this.#trusts = trustedAddresses(trustedProxies);
  }

  /** Sets the request's id and the response's header, unless they are set. */
  identify(exchange: Exchange): void {
    if (exchange.requestId !== "") return;
    exchange.requestId = this.#sent(exchange) ?? `${this.#prefix}-${(++this.#made).toString(36)}`;
    exchange.extraHeaders = [...(exchange.extraHeaders ?? []), REQUEST_ID_HEADER, exchange.requestId];
  }

  #sent({ request, remoteAddress }: Exchange): string | undefined {
    if (remoteAddress === undefined || !this.#trusts(remoteAddress)) return undefined;
    return sentRequestId((name) => request.headers[name]);
  }
}
