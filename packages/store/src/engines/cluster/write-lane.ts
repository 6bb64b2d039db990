import { clearTimeout, setTimeout } from "../../store/timers.js";
import type { NodeConnection, Reply } from "./connection.js";
import { asError, commandsOf, Lane } from "./lane.js";
import { BATCH_BYTES_MAX, BATCH_MS, BATCH_OPERATIONS_MAX, CONNECT_MS, WAIT_MS } from "./limits.js";
import type { Operation } from "./operation.js";
import { replicasFollowing } from "./replication.js";
import { sendingsOf } from "./sending.js";

/**
 * The writes of one node, in the order in which they were submitted. What gathers while a batch is under way
 * is the next batch; one `WAIT` confirms all of it. `WAIT` confirms the writes of its own connection and
 * blocks it, so a lane has one connection and one batch at a time.
 */
export class WriteLane extends Lane {
  /** How many replicas must have a write on disk. Set before the first operation. */
  replicas = 0;
  #isRunning = false;
  /** Whether the last batch was confirmed: the replicas need no look before the next. */
  #isConfirmed = false;

  /** How many replicas followed when they were last looked at, if that was too few. */
  #following = 0;

  protected override wake(): void {
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Writes of the same turn share the batch.
    await null;
    while (!this.isEmpty) {
      const batch = this.take(BATCH_OPERATIONS_MAX, BATCH_BYTES_MAX);
      if (batch.length > 0) await this.#write(batch);
    }
    this.#isRunning = false;
  }

  async #write(batch: readonly Operation[]): Promise<void> {
    let connection: NodeConnection;
    try {
      connection = await this.connection();
      if (!this.#isConfirmed && !(await this.#areReplicasThere(connection))) {
        throw new Error(`${this.#following} of ${this.replicas} replicas of ${this.#where} are there`);
      }
    } catch (error) {
      this.#isConfirmed = false;
      this.hooks.again(batch, asError(error));
      return;
    }
    const sendings = sendingsOf(batch);
    const commands = commandsOf(sendings);
    if (this.replicas > 0) commands.push(["WAIT", this.replicas, WAIT_MS]);
    const timer = setTimeout(() => connection.close(), BATCH_MS);
    const replies = await connection.send(commands);
    clearTimeout(timer);
    const unconfirmed = this.replicas > 0 ? this.#whyUnconfirmed(replies.at(-1)) : null;
    this.#isConfirmed = unconfirmed === null;
    this.settle(sendings, replies, unconfirmed);
  }

  #whyUnconfirmed(waited: Reply | Error | undefined): string | null {
    if (typeof waited === "number" && waited >= this.replicas) return null;
    if (typeof waited !== "number") return `the connection to ${this.#where} ended`;
    return `${waited} of ${this.replicas} replicas of ${this.#where} confirmed it within ${WAIT_MS} ms`;
  }

  /** Without this look, every write to a shard without its replicas would be sent and be in doubt. */
  async #areReplicasThere(connection: NodeConnection): Promise<boolean> {
    if (this.replicas === 0) return true;
    const described = await connection.ask(["INFO", "replication"], CONNECT_MS);
    this.#following = replicasFollowing(String(described));
    return this.#following >= this.replicas;
  }

  get #where(): string {
    return `${this.address.host}:${this.address.port}`;
  }
}
