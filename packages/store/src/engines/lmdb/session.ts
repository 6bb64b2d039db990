import type { KvError } from "@kvasir/client/namespace";
import type { Clock } from "../../store/clock.js";
import { closedError } from "../../store/errors.js";
import type { Operation } from "./committer.js";
import type { Environment } from "./environment.js";
import { storageError } from "./errors.js";

/** One store's use of an environment, which the stores of a process on the same directory share. */
export class Session {
  readonly environment: Environment;
  readonly #clock: Clock;
  #closing: Promise<void> | null = null;

  constructor(environment: Environment, clock: Clock) {
    this.environment = environment;
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Whether the store is closed, or about to be. */
  get isClosed(): boolean {
    return this.#closing !== null;
  }

  /** @throws KvError `unavailable` */
  assertOpen(): void {
    if (this.isClosed) throw closedError();
  }

  /** Called before a read that has to see all that was committed before. */
  beginRead(): void {
    this.assertOpen();
    this.environment.snapshots.renew();
  }

  /** `bytes` is the memory that the operation holds until it is written. */
  write<T>(operation: Operation<T>, bytes = 0): Promise<T> {
    if (this.isClosed) return Promise.reject(closedError());
    return this.environment.committer.submit(operation, bytes);
  }

  storageError(error: unknown): KvError {
    return storageError(error, this.environment.file);
  }

  /** Refuses everything from now on. `finish` ends the work in flight, once however often this is called. */
  close(finish: () => Promise<void>): Promise<void> {
    this.#closing ??= finish().then(() => this.environment.letGo());
    return this.#closing;
  }
}
