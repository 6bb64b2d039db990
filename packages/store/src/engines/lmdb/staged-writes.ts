import { closedError } from "../../store/errors.js";
import type { Mutation, PutInput } from "../../store/write.js";
import { STAGE_BATCH_BYTES } from "./limits.js";
import type { Session } from "./session.js";
import { stageValue } from "./staging.js";

/**
 * Writes whose values may be large. Large values in memory go to disk in several transactions, so that none
 * of them blocks the process.
 */
export class StagedWrites {
  readonly #session: Session;
  /** Writes whose large values are not all on disk yet. */
  readonly #inFlight = new Set<Promise<unknown>>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Calls `write` with inputs whose large values are staged; at once when there are none. */
  run<I extends PutInput | Mutation, T>(
    inputs: readonly I[],
    write: (ready: readonly I[]) => Promise<T>,
  ): Promise<T> {
    if (this.#session.isClosed) return Promise.reject(closedError());
    if (!inputs.some(isLarge)) return write(inputs);
    const written = this.#stageAll(inputs).then(write);
    this.#inFlight.add(written);
    return written.finally(() => this.#inFlight.delete(written));
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  async #stageAll<I extends PutInput | Mutation>(inputs: readonly I[]): Promise<readonly I[]> {
    const ready: I[] = [];
    for (const input of inputs) {
      if (isLarge(input)) {
        ready.push({ ...input, value: await stageValue(this.#session, [input.value], input.value.length) });
      } else {
        ready.push(input);
      }
    }
    return ready;
  }
}

/** The memory that a write holds until it is on disk. */
export function heldBytes(input: PutInput | Mutation): number {
  return "value" in input && input.value instanceof Uint8Array ? input.value.length : 0;
}

function isLarge<I extends PutInput | Mutation>(input: I): input is I & { readonly value: Uint8Array } {
  return heldBytes(input) > STAGE_BATCH_BYTES;
}
