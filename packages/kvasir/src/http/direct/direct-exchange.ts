import type { Socket } from "node:net";
import type { KvError } from "@kvasir/client/namespace";
import {
  type AnswerStream,
  Exchange,
  type ExchangeOwner,
  type FlatHeaders,
  hasNoBody,
  lengthIn,
  reasonPhrase,
} from "../exchange.js";
import { ONE_WRITE_BYTES_MAX } from "../limits.js";
import type { RequestHead } from "../request.js";
import { renderHead } from "./answer-head.js";
import { DirectAnswerStream } from "./answer-stream.js";
import { ArrivingBody } from "./arriving-body.js";
import { latin1Of } from "./latin1.js";

export interface DirectExchangeOptions {
  readonly owner: ExchangeOwner;
  readonly socket: Socket;
  /** How long the connection is kept after the response, in seconds. */
  readonly keepAliveSeconds: number;
  /** Called once, when the whole response has been handed to the socket. */
  ended(closes: boolean): void;
}

/**
 * An exchange that reads from and writes to the socket directly. Its body is small and mostly arrives with
 * its head.
 */
export class DirectExchange extends Exchange {
  readonly #options: DirectExchangeOptions;
  readonly #body: Buffer | ArrivingBody;
  #answering = false;

  constructor(request: RequestHead, body: Buffer | ArrivingBody, options: DirectExchangeOptions) {
    super(options.owner, request);
    this.#body = body;
    this.#options = options;
  }

  get answering(): boolean {
    return this.#answering;
  }

  get gone(): boolean {
    return this.#options.socket.destroyed || this.#options.socket.writableEnded;
  }

  get bodyIsArriving(): boolean {
    return this.#body instanceof ArrivingBody;
  }

  get remoteAddress(): string | undefined {
    return this.#options.socket.remoteAddress;
  }

  get socket(): Socket {
    return this.#options.socket;
  }

  refuseBody(error: KvError): void {
    if (this.#body instanceof ArrivingBody) this.#body.refuse(error);
  }

  async readBody(): Promise<Buffer> {
    return this.#body instanceof ArrivingBody ? this.#body.whole(this.hold) : this.#body;
  }

  async *bodyParts(): AsyncGenerator<Buffer, void> {
    const body = await this.readBody();
    if (body.byteLength > 0) yield body;
  }

  send(status: number, headers: FlatHeaders, body: string | Uint8Array): void {
    this.#sendWhole({ status, headers }, body);
  }

  sendEmpty(status: number, headers: FlatHeaders = []): void {
    if (hasNoBody(status)) {
      this.answerBytes = 0;
      const closes = this.#closes;
      this.#write(this.#head({ status, headers }, closes));
      this.#finish(status, closes);
    } else {
      this.#sendWhole({ status, headers }, "");
    }
  }

  sendError(status: number, headers: FlatHeaders, body: string, reason?: string): void {
    headers.push(...this.errorHeaders);
    this.#sendWhole(
      { status, headers, reason: reason === undefined ? undefined : reasonPhrase(reason) },
      body,
    );
  }

  begin(status: number, headers: FlatHeaders): AnswerStream {
    const hasBody = this.request.method !== "HEAD";
    const chunked = hasBody && !headers.includes("Content-Length");
    if (chunked) headers.push("Transfer-Encoding", "chunked");
    this.answerBytes = hasBody ? lengthIn(headers) : 0;
    const closes = this.#closes;
    const { socket, ended } = this.#options;
    // The head goes out in one write with the parts that are there at once.
    socket.cork();
    process.nextTick(() => socket.uncork());
    this.#write(this.#head({ status, headers }, closes));
    this.owner.answered(this, status);
    return new DirectAnswerStream(socket, { hasBody, chunked, ended: () => ended(closes) });
  }

  destroy(): void {
    this.#options.socket.destroy();
  }

  /** Whether the connection ends after this response. No other request can follow a body that was cut off. */
  get #closes(): boolean {
    if (this.owner.closing || this.closesConnection) return true;
    return this.#body instanceof ArrivingBody && this.#body.isCutOff;
  }

  #sendWhole(answer: Answer, body: string | Uint8Array): void {
    const byteLength = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
    answer.headers.push("Content-Length", String(byteLength));
    const closes = this.#closes;
    const head = this.#head(answer, closes);
    this.answerBytes = byteLength;
    if (this.request.method === "HEAD") {
      this.answerBytes = 0;
      this.#write(head);
    } else if (typeof body === "string" && byteLength === body.length) {
      this.#write(head + body);
    } else if (byteLength <= ONE_WRITE_BYTES_MAX) {
      // Latin-1 text stands for the same bytes. As text, the body and the head are one write.
      this.#write(head + latin1Of(typeof body === "string" ? Buffer.from(body) : body));
    } else {
      const { socket } = this.#options;
      socket.cork();
      this.#write(head);
      socket.write(body);
      socket.uncork();
    }
    this.#finish(answer.status, closes);
  }

  #head({ status, headers, reason }: Answer, closes: boolean): string {
    if (this.extraHeaders !== null) headers.push(...this.extraHeaders);
    const keepAliveSeconds = closes ? 0 : this.#options.keepAliveSeconds;
    return renderHead({ status, headers, reason, keepAliveSeconds, isBare: this.isBare });
  }

  #write(text: string): void {
    this.#answering = true;
    this.#options.socket.write(text, "latin1");
  }

  #finish(status: number, closes: boolean): void {
    this.owner.answered(this, status);
    this.#options.ended(closes);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: FlatHeaders;
  readonly reason?: string | undefined;
}
