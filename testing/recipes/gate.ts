import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Something slow that functions ask over HTTP: it counts who asks, and answers when told to. */
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

  /** Waits until it was asked so often in all. */
  async untilAsked(times: number): Promise<void> {
    while (this.asked < times) {
      await new Promise<void>((resolve) => {
        this.#onAsked = resolve;
      });
    }
  }

  /** Answers all who wait. */
  answer(text: string): void {
    for (const response of this.#held.splice(0)) response.end(text);
  }

  #asked(response: ServerResponse): void {
    this.asked++;
    this.#held.push(response);
    this.#onAsked();
  }
}
