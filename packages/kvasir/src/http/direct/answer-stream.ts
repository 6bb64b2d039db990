import type { Socket } from "node:net";
import type { AnswerStream } from "../exchange.js";

/** The body of an answer whose length is said in its head, or in chunks where it is not. */
export class DirectAnswerStream implements AnswerStream {
  readonly #socket: Socket;
  readonly #chunked: boolean;
  readonly #ended: () => void;
  #isEnded = false;

  constructor(socket: Socket, options: { readonly chunked: boolean; readonly ended: () => void }) {
    this.#socket = socket;
    this.#chunked = options.chunked;
    this.#ended = options.ended;
  }

  get destroyed(): boolean {
    return this.#isEnded || this.#socket.destroyed;
  }

  get writableNeedDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(part: Uint8Array | string): boolean {
    if (this.destroyed || part.length === 0) return true;
    if (!this.#chunked) return this.#socket.write(part);
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
    if (this.#chunked) this.#socket.write("0\r\n\r\n", "latin1");
    this.#isEnded = true;
    this.#ended();
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
