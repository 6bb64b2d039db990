import type { Timer } from "../../../packages/kvasir/src/cloudflare/timer.js";

/** Time that passes only while something waits for it, and then at once. */
export class FakeTimer implements Timer {
  #nowMs = Date.now();
  /** How long the client has waited, each time, in milliseconds. */
  readonly slept: number[] = [];

  nowMs = (): number => this.#nowMs;

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.#nowMs += ms;
  }
}
