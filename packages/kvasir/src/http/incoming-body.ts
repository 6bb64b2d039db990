import type { IncomingMessage } from "node:http";
import { cutOff } from "./body.js";
import type { Hold } from "./hold.js";

/**
 * A body that Node's HTTP server reads, taken part by part. Nothing is read ahead of what is taken, beyond the buffer
 * of Node's stream.
 */
export class IncomingBody {
  readonly #incoming: IncomingMessage;
  readonly #hold: Hold;
  #wake: () => void = ignore;
  readonly #onEvent = () => this.#wake();

  constructor(incoming: IncomingMessage, hold: Hold) {
    this.#incoming = incoming;
    this.#hold = hold;
    for (const event of EVENTS) incoming.on(event, this.#onEvent);
  }

  /**
   * The next bytes that have come; `null` at the end. They are not charged yet.
   *
   * @throws KvError `bad_request` where the client goes away, and the error with which the request gives way
   */
  async next(): Promise<Buffer | null> {
    const incoming = this.#incoming;
    for (;;) {
      const part: Buffer | null = incoming.read();
      if (part !== null) {
        this.#hold.moved(part.byteLength);
        return part;
      }
      if (incoming.readableEnded) return null;
      if (incoming.destroyed) throw cutOff();
      await this.#event();
    }
  }

  /** Leaves the rest unread. */
  stop(): void {
    for (const event of EVENTS) this.#incoming.off(event, this.#onEvent);
    // A client that goes away now is no error of anything.
    this.#incoming.on("error", ignore);
  }

  async #event(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        this.#hold.waitsForClient(reject);
      });
    } finally {
      this.#hold.waitsForClient(null);
    }
  }
}

const EVENTS = ["readable", "end", "error", "close"] as const;

function ignore(): void {}
