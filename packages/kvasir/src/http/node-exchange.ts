import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { KvError, statusOf } from "@kvasir/client/namespace";
import { declaredBytes } from "./body.js";
import { BodyBuffer } from "./body-buffer.js";
import { tooLarge } from "./body-errors.js";
import { errorBody } from "./error-body.js";
import {
  type AnswerStream,
  Exchange,
  type ExchangeOwner,
  type FlatHeaders,
  hasNoBody,
  lengthIn,
  reasonPhrase,
} from "./exchange.js";
import { IncomingBody } from "./incoming-body.js";
import { BODY_PART_BYTES_MIN, REFUSED_BODY_BYTES_MAX } from "./limits.js";

export interface NodeExchangeOptions {
  /** Whether the client waits for permission to send its body. */
  readonly expectsContinue: boolean;
  /** How long a refused body is read, in milliseconds. */
  readonly refusedBodyMs: number;
}

/** An exchange that Node's HTTP server carries: any request that HTTP/1.1 allows. */
export class NodeExchange extends Exchange {
  /** Kept here because the request drops it when its body is discarded. */
  readonly socket: Socket;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  #expectsContinue: boolean;
  readonly #refusedBodyMs: number;

  constructor(
    owner: ExchangeOwner,
    { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
    { expectsContinue, refusedBodyMs }: NodeExchangeOptions,
  ) {
    super(owner, request);
    this.socket = request.socket;
    this.#incoming = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
    this.#refusedBodyMs = refusedBodyMs;
  }

  get answering(): boolean {
    return this.#response.headersSent;
  }

  get gone(): boolean {
    return this.socket.destroyed;
  }

  refuseBody(error: KvError): void {
    // A reader of the body listens for the error. A body that has arrived completely can no longer be
    // refused.
    if (!this.#incoming.complete && this.#incoming.listenerCount("error") > 0) {
      this.#incoming.emit("error", error);
    }
  }

  get bodyIsArriving(): boolean {
    return declaredBytes(this) !== 0;
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  async readBody(bytesMax: number): Promise<Buffer> {
    const declared = declaredBytes(this);
    const buffer = new BodyBuffer(declared ?? bytesMax);
    const { hold } = this;
    const incoming = this.#acceptBody();
    try {
      for (let part = await incoming.next(); part !== null; part = await incoming.next()) {
        if (buffer.byteLength + part.byteLength > bytesMax) throw tooLarge(bytesMax);
        await hold.charge(buffer.capacityWith(part.byteLength) - buffer.capacity);
        buffer.append(part);
      }
      return buffer.take();
    } finally {
      incoming.stop();
    }
  }

  async *bodyParts({ heldBytesMax = Number.POSITIVE_INFINITY } = {}): AsyncGenerator<Buffer, void> {
    const { hold } = this;
    const incoming = this.#acceptBody();
    const gathered = new BodyBuffer();
    let charged = 0;
    try {
      for (let part = await incoming.next(); part !== null; part = await incoming.next()) {
        const bytes = Math.min(part.byteLength, heldBytesMax - charged);
        charged += bytes;
        await hold.charge(bytes);
        if (gathered.byteLength === 0 && part.byteLength >= BODY_PART_BYTES_MIN) {
          yield part;
          continue;
        }
        // Keeping parts of a few bytes each would cost the reader many times their length.
        gathered.append(part);
        if (gathered.byteLength >= BODY_PART_BYTES_MIN) yield gathered.take();
      }
      if (gathered.byteLength > 0) yield gathered.take();
    } finally {
      incoming.stop();
    }
  }

  send(status: number, headers: FlatHeaders, body: string | Uint8Array): void {
    const response = this.#response;
    headers.push(
      "Content-Length",
      String(typeof body === "string" ? Buffer.byteLength(body) : body.byteLength),
    );
    this.#writeHead(status, headers);
    if (this.request.method === "HEAD") response.end();
    else response.end(body);
    this.owner.answered(this, status);
  }

  sendEmpty(status: number, headers: FlatHeaders = []): void {
    if (!hasNoBody(status)) headers.push("Content-Length", "0");
    this.#writeHead(status, headers);
    this.#response.end();
    this.owner.answered(this, status);
  }

  sendError(status: number, headers: FlatHeaders, body: string, reason?: string): void {
    headers.push(...this.errorHeaders, "Content-Length", String(Buffer.byteLength(body)));
    if (status === REQUEST_TIMEOUT) this.#response.setHeader("Connection", "close");
    else if (!this.#expectsContinue && !this.owner.closing) this.#discardBody();
    this.#writeHead(status, headers, reason);
    this.#response.end(body);
    this.owner.answered(this, status);
  }

  begin(status: number, headers: FlatHeaders): AnswerStream {
    this.#writeHead(status, headers);
    this.owner.answered(this, status);
    return this.#response;
  }

  /** Responds to a request whose `Expect` header is not `100-continue`. */
  refuseExpectation(): void {
    const error = new KvError("bad_request", "Only `Expect: 100-continue` is understood", {
      hint: "Send the request without the header Expect.",
    });
    this.sendError(417, ["Content-Type", "application/json; charset=utf-8"], errorBody(error));
  }

  destroy(): void {
    this.#response.destroy();
  }

  #writeHead(status: number, headers: FlatHeaders, reason?: string): void {
    // A client that got no permission to send its body may send it or not, so its next bytes cannot be told
    // from the body.
    const closes = this.owner.closing || this.closesConnection || this.#expectsContinue;
    if (closes) this.#response.setHeader("Connection", "close");
    else if (this.isBare) this.#response.removeHeader("Connection");
    this.#response.sendDate = !this.isBare;
    if (this.extraHeaders !== null) headers.push(...this.extraHeaders);
    this.answerBytes = this.request.method === "HEAD" || hasNoBody(status) ? 0 : lengthIn(headers);
    if (reason === undefined) this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, reasonPhrase(reason), headers);
  }

  /** Begins to read the body, and gives a waiting client permission to send it. */
  #acceptBody(): IncomingBody {
    if (this.#expectsContinue) {
      this.#expectsContinue = false;
      this.#response.writeContinue();
    }
    return new IncomingBody(this.#incoming, this.hold);
  }

  /**
   * Reads and discards the rest of a refused body, up to a bound, because a client that is still sending
   * reads no response.
   */
  #discardBody(): void {
    const incoming = this.#incoming;
    if (incoming.complete || incoming.destroyed) return;
    let bytes = 0;
    const cut = () => incoming.destroy();
    const timer = setTimeout(cut, this.#refusedBodyMs);
    incoming.on("close", () => clearTimeout(timer));
    incoming.on("error", ignore);
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > REFUSED_BODY_BYTES_MAX) cut();
    });
    incoming.resume();
  }
}

const REQUEST_TIMEOUT = statusOf("request_timeout");

function ignore(): void {}
