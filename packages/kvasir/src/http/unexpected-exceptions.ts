import { KvError } from "@kvasir/client/namespace";
import type { EventSink } from "../events/events.js";
import { printedTarget } from "../events/printed-target.js";
import type { Exchange } from "./exchange.js";

/**
 * Where an unexpected exception was thrown: in a request handler, in a callback outside its call chain, or in
 * the process without a request.
 */
export type ExceptionOrigin = "request" | "callback" | "process";

/** Counts and reports exceptions that are not a `KvError`. Each of them is a bug in Kvasir. */
export class UnexpectedExceptions {
  readonly #counts: Record<ExceptionOrigin, number> = { request: 0, callback: 0, process: 0 };
  readonly #onEvent: EventSink;

  constructor(onEvent: EventSink) {
    this.#onEvent = onEvent;
  }

  get total(): number {
    return this.#counts.request + this.#counts.callback + this.#counts.process;
  }

  counts(): Iterable<[origin: string, count: number]> {
    return Object.entries(this.#counts);
  }

  /**
   * @param exchange It must have its id.
   * @returns the error for the client. The exception's own text goes to the log.
   */
  inRequest(origin: "request" | "callback", thrown: unknown, exchange: Exchange): KvError {
    this.#counts[origin]++;
    const { requestId: request } = exchange;
    const { method, url = "" } = exchange.request;
    const target = printable(printedTarget(url));
    this.#report(`Unexpected exception in request ${request} (${method} ${target})`, thrown, request);
    return new KvError("internal", "Internal error", {
      cause: thrown,
      hint: `The server's log says more about request ${request}.`,
    });
  }

  /** For an exception on a connection while no request is in flight. */
  onConnection(thrown: unknown): void {
    this.#counts.callback++;
    this.#report("Unexpected exception on a connection, which is closed", thrown);
  }

  /** For an exception that belongs to no request. */
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
