import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { KvError } from "@kvasir/client/namespace";
import type { HttpLimits } from "./limits.js";
import { NodeExchange } from "./node-exchange.js";
import type { RequestHandler } from "./request-handler.js";

/**
 * What a request waits for before it sends its body: nothing, permission (`100-continue`) or something
 * unknown.
 */
export type Expectation = "none" | "continue" | "unknown";

const LF = 10;
const CR = 13;

export interface NodeConnectionOptions {
  readonly handler: RequestHandler;
  readonly limits: HttpLimits;
}

/**
 * A connection that Node's HTTP server reads. The server gets the bytes of one request at a time. The next
 * request waits in the paused socket until the previous response is written, the body has arrived and the
 * client has received what was written.
 *
 * By itself, Node's parser emits every request of a read at once. 64 KiB can hold hundreds of requests, whose
 * responses would all be built and kept although the client may not read them, and a GET could overtake the
 * PUT before it. The parser cannot be paused within a read either. So reads are cut where a head can end:
 * after an empty line.
 */
export class NodeConnection {
  readonly #socket: Socket;
  readonly #handler: RequestHandler;
  readonly #refusedBodyMs: number;
  /** The function with which Node's server handles received bytes. */
  readonly #feed: (bytes: Buffer) => void;
  /** The last request, until all of it has arrived. */
  #request: IncomingMessage | null = null;
  /** The rest of its body, in bytes. `Infinity` for a chunked body, which ends with an empty line. */
  #bodyBytesLeft = 0;
  /** The request and response in flight. */
  #exchange: NodeExchange | null = null;
  /** The last two bytes that were fed, because an empty line may be cut in two. */
  #lastBytes: readonly [number, number] = [0, 0];

  /**
   * @param socket Paused, with the listeners that Node's server has just added to it.
   * @param feed The listener among them that receives bytes.
   */
  constructor(socket: Socket, feed: (bytes: Buffer) => void, { handler, limits }: NodeConnectionOptions) {
    this.#socket = socket;
    this.#handler = handler;
    this.#refusedBodyMs = limits.refusedBodyMs;
    this.#feed = feed;
    socket.off("data", feed);
    socket.on("data", this.#onData);
    socket.on("drain", this.#goOn);
    // An endless response ends when the client ends its side. Nothing else would show that the client has
    // gone.
    socket.on("end", () => this.#exchange?.isEndless && socket.destroy());
  }

  /** Whether a response is in flight, or the body of a request that was already responded to. */
  get isBusy(): boolean {
    return this.#exchange !== null || this.#request !== null;
  }

  /**
   * Whether a response to the arriving request has begun. The client would take a second one for another
   * request's.
   */
  get isAnswered(): boolean {
    return this.#exchange === null ? this.#request !== null : this.#exchange.answering;
  }

  /** Whether the arriving request may take any time. */
  get mayTakeLong(): boolean {
    return this.#exchange?.mayTakeLong === true;
  }

  /** Takes a request over from Node's server. */
  begin(
    { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
    expectation: Expectation,
  ): void {
    const expectsContinue = expectation === "continue";
    const options = { expectsContinue, refusedBodyMs: this.#refusedBodyMs };
    const exchange = new NodeExchange(this.#handler, { request, response }, options);
    this.#exchange = exchange;
    this.#request = request;
    const length = request.headers["content-length"];
    this.#bodyBytesLeft = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    response.once("close", () => {
      this.#exchange = null;
      this.#goOn();
    });
    const fault = faultOf(request);
    if (fault !== null) {
      response.shouldKeepAlive = false;
      this.#handler.refuse(exchange, new KvError("bad_request", fault));
    } else if (expectation === "unknown") {
      exchange.refuseExpectation();
    } else {
      this.#handler.dispatch(exchange);
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    const socket = this.#socket;
    let at = 0;
    while (at < chunk.byteLength && !this.#mustWait && !socket.isPaused()) {
      if (socket.destroyed || socket.writableEnded) return;
      const end = this.#endOfPart(chunk, at);
      if (this.#request !== null) this.#bodyBytesLeft -= end - at;
      this.#feed(at === 0 && end === chunk.byteLength ? chunk : chunk.subarray(at, end));
      if (this.#request?.complete === true) this.#request = null;
      at = end;
    }
    this.#lastBytes = [this.#byteAt(chunk, at - 2), this.#byteAt(chunk, at - 1)];
    if (at === chunk.byteLength || socket.destroyed) return;
    // Put back into the socket, so that the order is kept even with regard to its end.
    socket.pause();
    socket.unshift(chunk.subarray(at));
  };

  readonly #goOn = (): void => {
    if (this.#request === null && !this.#mustWait && this.#socket.isPaused()) this.#socket.resume();
  };

  /**
   * Whether the next request must wait: for its turn, or until the client has received the responses so far.
   */
  get #mustWait(): boolean {
    if (this.#request !== null) return false;
    return this.#exchange !== null || this.#socket.writableNeedDrain;
  }

  /** The end of a part that contains the end of at most one head and nothing beyond the current body. */
  #endOfPart(chunk: Buffer, start: number): number {
    if (this.#request !== null && this.#bodyBytesLeft !== Number.POSITIVE_INFINITY) {
      return Math.min(chunk.byteLength, start + this.#bodyBytesLeft);
    }
    const from = start === 0 ? 0 : this.#afterEmptyLine(chunk, start);
    for (let at = chunk.indexOf(LF, from); at !== -1; at = chunk.indexOf(LF, at + 1)) {
      const before = this.#byteAt(chunk, at - 1);
      if (before === LF || (before === CR && this.#byteAt(chunk, at - 2) === LF)) return at + 1;
    }
    return chunk.byteLength;
  }

  /**
   * Skips empty lines that end nothing, because a part for each of them would cost far more than its bytes.
   */
  #afterEmptyLine(chunk: Buffer, start: number): number {
    if (this.#request !== null) {
      // A chunked body ends with a line that begins with the length 0, followed by an empty line.
      const last = chunk.indexOf("\n0", start - 1, "latin1");
      return last === -1 ? chunk.byteLength : last + 1;
    }
    let at = start;
    while (chunk[at] === CR || chunk[at] === LF) at++;
    return at;
  }

  #byteAt(chunk: Buffer, at: number): number {
    return at >= 0 ? (chunk[at] as number) : (this.#lastBytes[2 + at] as number);
  }
}

/** Faults that Node's parser accepts but that no server has to. */
function faultOf({ rawHeaders, httpVersion }: IncomingMessage): string | null {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return "This server speaks HTTP/1.1 and HTTP/1.0";
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if ((rawHeaders[at] as string).toLowerCase() === "host") hosts++;
  }
  // RFC 9112 3.2. If there are several, a proxy in front of us may have used a different one.
  if (hosts > 1) return "A request must have only one Host header";
  return hosts === 0 && httpVersion === "1.1" ? "A request must have a Host header" : null;
}
