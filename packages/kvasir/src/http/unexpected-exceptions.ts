import { KvError } from "@kvasir/client/namespace";
import type { EventSink } from "../events/events.js";
import type { Exchange } from "./exchange.js";

/**
 * Where an exception was thrown that nothing expected: while a request was handled, in a callback outside of its call
 * chain, or in the process with no request to blame.
 */
export type ExceptionOrigin = "request" | "callback" | "process";

/** Counts and reports exceptions that are no `KvError`: each of them is a bug of ours. */
export class UnexpectedExceptions {
  readonly #counts: Record<ExceptionOrigin, number> = { request: 0, callback: 0, process: 0 };
  readonly #worker: number;
  readonly #onEvent: EventSink;
  #failedRequests = 0;

  /** `worker`: which of several processes this is, from 1. */
  constructor({ worker, onEvent }: { readonly worker: number; readonly onEvent: EventSink }) {
    this.#worker = worker;
    this.#onEvent = onEvent;
  }

  get total(): number {
    return this.#counts.request + this.#counts.callback + this.#counts.process;
  }

  counts(): Iterable<[origin: string, count: number]> {
    return Object.entries(this.#counts);
  }

  /** @returns what the client is told; the exception's own text is for the log */
  inRequest(origin: "request" | "callback", thrown: unknown, exchange: Exchange): KvError {
    this.#counts[origin]++;
    // Only a request that fails needs a name, so making one costs the others nothing.
    const request = `${this.#worker}-${++this.#failedRequests}`;
    const { method, url = "" } = exchange.request;
    this.#report(`Unexpected exception in request ${request} (${method} ${printable(url)})`, thrown, request);
    exchange.errorHeaders.push("X-Request-Id", request);
    return new KvError("internal", "Internal error", {
      cause: thrown,
      hint: `The server's log says more about request ${request}.`,
    });
  }

  /** On a connection between its requests, before one is known, or after it. */
  onConnection(thrown: unknown): void {
    this.#counts.callback++;
    this.#report("Unexpected exception on a connection, which is closed", thrown);
  }

  /** No request could be found that it belongs to. */
  takeException(thrown: unknown): boolean {
    this.#counts.process++;
    this.#report("Unexpected exception that belongs to no request", thrown);
    return false;
  }

  #report(where: string, thrown: unknown, request?: string): void {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    this.#onEvent({
      event: "error",
      unexpected: true,
      ...(request === undefined ? {} : { request }),
      message: `${where}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      ...(stack === undefined ? {} : { stack }),
    });
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
