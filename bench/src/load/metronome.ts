import { Worker } from "node:worker_threads";

/** A thread that sleeps and notifies when it wakes. */
export class Metronome {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /**
   * Calls back every TICK_MS. Timers of the event loop count whole milliseconds, which is longer than what is
   * measured. A busy event loop would take a core from the server. A thread can sleep for microseconds.
   */
  static start(onTick: () => void): Metronome {
    const pending = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./metronome-thread.js", import.meta.url), { workerData: pending });
    worker.on("message", () => {
      Atomics.store(pending, 0, 0);
      onTick();
    });
    return new Metronome(worker);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
