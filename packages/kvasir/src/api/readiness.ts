import { KvError } from "@kvasir/client/namespace";

/** Whether requests should be sent to this server. */
export class Readiness {
  #state: "starting" | "ready" | "draining";

  /** @param isReady Whether it is ready from the start. Otherwise call {@link ready}. */
  constructor(isReady: boolean) {
    this.#state = isReady ? "ready" : "starting";
  }

  ready(): void {
    if (this.#state === "starting") this.#state = "ready";
  }

  drain(): void {
    this.#state = "draining";
  }

  /** @throws KvError `unavailable` while the functions are starting */
  checkStarted(): void {
    if (this.#state !== "starting") return;
    throw new KvError("unavailable", "The functions are still starting.", {
      hint: "Ask again in a moment; the log says what they wait for.",
    });
  }

  /** @throws KvError `unavailable` when the server is stopping */
  checkNotDraining(): void {
    if (this.#state !== "draining") return;
    throw new KvError("unavailable", "The server is stopping and finishes what is in flight.", {
      hint: "Send new requests to another server, or wait until this one has started again.",
    });
  }
}
