import type { Socket } from "node:net";
import type { AnswerStream } from "../exchange.js";

export interface DirectAnswerStreamOptions {
  /** `false` for HEAD: the body is discarded. */
  readonly hasBody: boolean;
  readonly chunked: boolean;
  /** Called once, when all of the body has been handed to the socket. */
  ended(): void;
}

/** The body of a response. It is sent in chunks if the head does not state a length. */
export class DirectAnswerStream implements AnswerStream {
  readonly #socket: Socket;
  readonly #options: DirectAnswerStreamOptions;
  #isEnded = false;

  constructor(socket: Socket, options: DirectAnswerStreamOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  get destroyed(): boolean {
    return this.#isEnded || this.#socket.destroyed;
  }

  get writableNeedDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(part: Uint8Array | string): boolean {
    if (this.destroyed || part.length === 0 || !this.#options.hasBody) return true;
    if (!this.#options.chunked) return this.#socket.write(part);
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    this.#socket.cork();
    this.#socket.write(`${bytes.byteLength.toString(16)}\r\n`, "latin1");
    this.#socket.write(bytes);
    const goOn = this.#socket.write("\r\n", "latin1");
    this.#socket.uncork();
    return goOn;
  }

  end(): void {
    if (this.destroyed) return;
    if (this.#options.chunked) this.#socket.write("0\r\n\r\n", "latin1");
    this.#isEnded = true;
    this.#options.ended();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  on(event: "drain" | "close", listener: () => void): void {
    this.#socket.on(event, listener);
  }

  off(event: "drain" | "close", listener: () => void): void {
    this.#socket.off(event, listener);
  }
}
