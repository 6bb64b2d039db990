import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { KvError } from "@kvasir/client/namespace";
import type { HttpLimits } from "./limits.js";
import { NodeExchange } from "./node-exchange.js";
import type { RequestHandler } from "./request-handler.js";

/** What a request waits for before it sends its body: leave (`100-continue`), or something that we do not know. */
export type Expectation = "none" | "continue" | "unknown";

const LF = 10;
const CR = 13;

export interface NodeConnectionOptions {
  readonly handler: RequestHandler;
  readonly limits: HttpLimits;
}

/**
 * A connection that Node's HTTP server reads. The server gets the bytes of one request at a time: the next request
 * waits in the paused socket until the response before it is written, the body is through and the client has taken
 * what was written.
 *
 * Left to itself, Node's parser emits every request of a read at once: 64 KiB can hold hundreds, whose responses would
 * all be made and kept for a client that need not read them, and a GET could overtake the PUT before it. The parser
 * cannot be paused within a read either, so reads are cut where a head can end: after an empty line.
 */
export class NodeConnection {
  readonly #socket: Socket;
  readonly #handler: RequestHandler;
  readonly #refusedBodyMs: number;
  /** What Node's server does with bytes that have come. */
  readonly #feed: (bytes: Buffer) => void;
  /** The last request, until all of it has come. */
  #request: IncomingMessage | null = null;
  /** What is left of its body; `Infinity` for chunks, which end with an empty line. */
  #bodyBytesLeft = 0;
  /** The request and response under way. */
  #exchange: NodeExchange | null = null;
  /** The last two bytes that were fed: an empty line may be cut in two. */
  #lastBytes: readonly [number, number] = [0, 0];

  /**
   * @param socket paused, with the listeners that Node's server has just set up on it
   * @param feed the one of them that takes bytes
   */
  constructor(socket: Socket, feed: (bytes: Buffer) => void, { handler, limits }: NodeConnectionOptions) {
    this.#socket = socket;
    this.#handler = handler;
    this.#refusedBodyMs = limits.refusedBodyMs;
    this.#feed = feed;
    socket.off("data", feed);
    socket.on("data", this.#onData);
    socket.on("drain", this.#goOn);
    // An endless answer ends with the client's side: it may have gone, and nothing else would tell.
    socket.on("end", () => this.#exchange?.isEndless && socket.destroy());
  }

  /** Whether a response is under way, or the body of a request that was answered already. */
  get isBusy(): boolean {
    return this.#exchange !== null || this.#request !== null;
  }

  /** Whether the request that is arriving was answered, if only in part: a second answer would be taken for another's. */
  get isAnswered(): boolean {
    return this.#exchange === null ? this.#request !== null : this.#exchange.answering;
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
    // Back into the socket, where not even its end overtakes it.
    socket.pause();
    socket.unshift(chunk.subarray(at));
  };

  readonly #goOn = (): void => {
    if (this.#request === null && !this.#mustWait && this.#socket.isPaused()) this.#socket.resume();
  };

  /** Whether the next request has to: for its turn, or until the client has taken the answers so far. */
  get #mustWait(): boolean {
    if (this.#request !== null) return false;
    return this.#exchange !== null || this.#socket.writableNeedDrain;
  }

  /** Where a part ends that holds the end of one head at most, and nothing beyond the body under way. */
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

  /** Passes over empty lines that end nothing: a part for each of them would cost far more than its bytes. */
  #afterEmptyLine(chunk: Buffer, start: number): number {
    if (this.#request !== null) {
      // Chunks end with a line that begins with the length 0, and an empty line somewhere after it.
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

/** What Node's parser lets pass, though no server has to understand it. */
function faultOf({ rawHeaders, httpVersion }: IncomingMessage): string | null {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return "This server speaks HTTP/1.1 and HTTP/1.0";
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if ((rawHeaders[at] as string).toLowerCase() === "host") hosts++;
  }
  // RFC 9112 3.2. Of several, a proxy in front of us may have looked at another one.
  if (hosts > 1) return "A request must have only one Host header";
  return hosts === 0 && httpVersion === "1.1" ? "A request must have a Host header" : null;
}
