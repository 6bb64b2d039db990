import { clearTimeout, setImmediate, setTimeout } from "../../store/timers.js";
import { asError, commandsOf, Lane } from "./lane.js";
import { BATCH_BYTES_MAX, BATCH_OPERATIONS_MAX, READ_MS } from "./limits.js";
import type { Operation } from "./operation.js";
import { sendingsOf } from "./sending.js";

/** The reads of one node. What gathers during a turn of the event loop is sent together. */
export class ReadLane extends Lane {
  #isAwake = false;
  #inFlight = 0;

  protected override wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    // A lone read does not wait for others.
    if (this.#inFlight === 0) queueMicrotask(() => this.#sendAll());
    else setImmediate(() => this.#sendAll());
  }

  #sendAll(): void {
    this.#isAwake = false;
    while (!this.isEmpty) {
      const batch = this.take(BATCH_OPERATIONS_MAX, BATCH_BYTES_MAX);
      if (batch.length > 0) void this.#send(batch);
    }
  }

  async #send(batch: readonly Operation[]): Promise<void> {
    this.#inFlight++;
    try {
      const opened = this.connection();
      const connection = opened instanceof Promise ? await opened : opened;
      const timer = setTimeout(() => connection.close(), READ_MS);
      const sendings = sendingsOf(batch);
      const replies = await connection.send(commandsOf(sendings));
      clearTimeout(timer);
      this.settle(sendings, replies, null);
    } catch (error) {
      this.hooks.again(batch, asError(error));
    } finally {
      this.#inFlight--;
    }
  }
}
