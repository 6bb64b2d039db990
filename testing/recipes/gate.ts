import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A slow HTTP service for functions. It counts requests, and responds when the test says so. */
export class Gate {
  readonly #server = createServer((_, response) => this.#asked(response));
  readonly #held: ServerResponse[] = [];
  #onAsked = () => {};
  asked = 0;

  static async open(): Promise<Gate> {
    const gate = new Gate();
    gate.#server.listen(0, "127.0.0.1");
    await once(gate.#server, "listening");
    onTestFinished(async () => {
      gate.#server.close();
      gate.#server.closeAllConnections();
    });
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Waits until it has received this many requests in total. */
  async untilAsked(times: number): Promise<void> {
    while (this.asked < times) {
      await new Promise<void>((resolve) => {
        this.#onAsked = resolve;
      });
    }
  }

  /** Responds to all waiting requests. */
  answer(text: string): void {
    for (const response of this.#held.splice(0)) response.end(text);
  }

  #asked(response: ServerResponse): void {
    this.asked++;
    this.#held.push(response);
    this.#onAsked();
  }
}
