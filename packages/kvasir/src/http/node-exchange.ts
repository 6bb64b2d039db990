import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { KvError } from "@kvasir/client";
import { cutOff, tooLarge } from "./body.js";
import {
  type AnswerStream,
  Exchange,
  type ExchangeOwner,
  type FlatHeaders,
  hasNoBody,
  reasonPhrase,
} from "./exchange.js";
import { REFUSED_BODY_BYTES_MAX } from "./limits.js";

/** An exchange that Node's HTTP server carries: any request that HTTP/1.1 allows. */
export class NodeExchange extends Exchange {
  /** Kept, for the request forgets it when its body is given up. */
  readonly socket: Socket;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  /** The client waits for `100 Continue` before it sends the body. */
  #expectsContinue: boolean;

  constructor(
    owner: ExchangeOwner,
    { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
    { expectsContinue }: { readonly expectsContinue: boolean },
  ) {
    super(owner, request);
    this.socket = request.socket;
    this.#incoming = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
  }

  get answering(): boolean {
    return this.#response.headersSent;
  }

  get gone(): boolean {
    return this.socket.destroyed;
  }

  refuseBody(error: KvError): void {
    // Who reads the body listens; a body that has come whole is not refused any more.
    if (!this.#incoming.complete && this.#incoming.listenerCount("error") > 0) {
      this.#incoming.emit("error", error);
    }
  }

  async readBody(bytesMax: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    this.#acceptBody();
    const incoming = this.#incoming;
    await new Promise<void>((resolve, reject) => {
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes <= bytesMax) chunks.push(chunk);
        else reject(tooLarge(bytesMax));
      });
      incoming.on("end", resolve);
      incoming.on("error", (error) => reject(error instanceof KvError ? error : cutOff()));
      // It comes for every request: an error with its stack, made for nobody, was 8 % of what a small PUT cost.
      incoming.on("close", () => {
        if (!incoming.readableEnded) reject(cutOff());
      });
    });
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
  }

  async *bodyParts(): AsyncGenerator<Buffer, void> {
    this.#acceptBody();
    try {
      // The request outlives the iteration: whoever stops reading still has to answer.
      for await (const part of this.#incoming.iterator({ destroyOnReturn: false })) yield part as Buffer;
    } catch (cause) {
      if (cause instanceof KvError) throw cause;
      throw cutOff(cause);
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
    if (this.#expectsContinue) this.#response.setHeader("Connection", "close");
    else if (!this.owner.closing) this.#discardBody();
    this.#writeHead(status, headers, reason);
    this.#response.end(body);
    this.owner.answered(this, status);
  }

  begin(status: number, headers: FlatHeaders): AnswerStream {
    this.#writeHead(status, headers);
    this.owner.answered(this, status);
    return this.#response;
  }

  destroy(): void {
    this.#response.destroy();
  }

  #writeHead(status: number, headers: FlatHeaders, reason?: string): void {
    if (this.owner.closing || this.closesConnection) this.#response.setHeader("Connection", "close");
    if (reason === undefined) this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, reasonPhrase(reason), headers);
  }

  /** Tells a client that waits for it to send its body. */
  #acceptBody(): void {
    if (!this.#expectsContinue) return;
    this.#expectsContinue = false;
    this.#response.writeContinue();
  }

  /** Takes in what is left of a refused body, up to a bound: a client that is still sending reads no answer. */
  #discardBody(): void {
    const incoming = this.#incoming;
    if (incoming.complete || incoming.destroyed) return;
    let bytes = 0;
    incoming.on("error", ignore);
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > REFUSED_BODY_BYTES_MAX) incoming.destroy();
    });
    incoming.resume();
  }
}

function ignore(): void {}
