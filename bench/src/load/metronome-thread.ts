import { parentPort, workerData } from "node:worker_threads";
import { TICK_MS } from "../core/limits.js";

/** The thread of a `Metronome`: sleeps and notifies in a loop. */
const pending = workerData as Int32Array;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

for (;;) {
  Atomics.wait(sleeper, 0, 0, TICK_MS);
  // A busy listener gets one message, not one for each missed tick.
  if (Atomics.exchange(pending, 0, 1) === 0) parentPort?.postMessage(null);
}
