import type { IncomingMessage } from "node:http";
import { KvError } from "@kvasir/client/namespace";
import { cutOff } from "./body-errors.js";
import type { Hold } from "./hold.js";

/**
 * A body that Node's HTTP server reads, consumed part by part. Nothing is read ahead, except into the buffer
 * of Node's stream.
 */
export class IncomingBody {
  readonly #incoming: IncomingMessage;
  readonly #hold: Hold;
  #failure: KvError | null = null;
  #wake: () => void = ignore;

  constructor(incoming: IncomingMessage, hold: Hold) {
    this.#incoming = incoming;
    this.#hold = hold;
    incoming.on("readable", this.#onEvent);
    incoming.on("end", this.#onEvent);
    incoming.on("error", this.#onError);
    incoming.on("close", this.#onClose);
  }

  /**
   * The next bytes that have arrived, or `null` at the end. They are not charged yet.
   *
   * @throws KvError `bad_request` if the client disconnects, or the error for which the request was ended
   */
  async next(): Promise<Buffer | null> {
    const incoming = this.#incoming;
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
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
    const incoming = this.#incoming;
    incoming.off("readable", this.#onEvent);
    incoming.off("end", this.#onEvent);
    incoming.off("error", this.#onError);
    incoming.off("close", this.#onClose);
    // Without a listener, a client that disconnects now would cause an exception.
    incoming.on("error", ignore);
  }

  readonly #onEvent = (): void => this.#wake();

  readonly #onError = (error: Error): void => {
    this.#failure = error instanceof KvError ? error : cutOff();
    // Ends whatever it waits for: the client, or memory.
    this.#hold.giveWay?.(this.#failure);
  };

  /**
   * Called for every request. Creating an unused error, with its stack, was 8 % of the cost of a small PUT.
   */
  readonly #onClose = (): void => {
    if (!this.#incoming.readableEnded) this.#onError(cutOff());
  };

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

function ignore(): void {}
