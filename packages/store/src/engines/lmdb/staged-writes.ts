import { closedError } from "../../store/errors.js";
import type { Mutation, PutInput } from "../../store/write.js";
import { STAGE_BATCH_BYTES, WRITE_GROUP_BYTES_MAX, WRITE_GROUP_MAX } from "./limits.js";
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

/**
 * Divides many writes into groups, each of which the committer handles as one: a promise for each of a million writes
 * takes as long as the writes.
 */
export function writeGroups<I extends PutInput | Mutation>(
  inputs: readonly I[],
): readonly { readonly group: readonly I[]; readonly bytes: number }[] {
  const groups: { group: I[]; bytes: number }[] = [];
  let last: { group: I[]; bytes: number } | undefined;
  for (const input of inputs) {
    const bytes = heldBytes(input);
    if (
      last === undefined ||
      last.group.length >= WRITE_GROUP_MAX ||
      last.bytes + bytes > WRITE_GROUP_BYTES_MAX
    ) {
      last = { group: [], bytes: 0 };
      groups.push(last);
    }
    last.group.push(input);
    last.bytes += bytes;
  }
  return groups;
}

function isLarge<I extends PutInput | Mutation>(input: I): input is I & { readonly value: Uint8Array } {
  return heldBytes(input) > STAGE_BATCH_BYTES;
}
