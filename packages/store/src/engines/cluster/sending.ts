import type { Command, Reply } from "./connection.js";
import type { Joiner } from "./joint.js";
import { BULK_BYTES_MAX, BULK_OPERATIONS_MAX } from "./limits.js";
import type { Operation } from "./operation.js";

/** Operations that are sent together. */
export interface Sending {
  readonly operations: readonly Operation[];
  readonly commands: readonly Command[];
}

/**
 * Joins what can be joined. Operations of the same slot keep their order. Between slots there is none to keep: each
 * was submitted before any of the others was done.
 */
export function sendingsOf(operations: readonly Operation[]): readonly Sending[] {
  const groups: Operation[][] = [];
  const open = new Map<number, Group>();
  for (const operation of operations) {
    const { joint, slot, bytes, askedAt } = operation;
    const group = open.get(slot);
    if (joint === null || askedAt !== null) {
      open.delete(slot);
      groups.push([operation]);
    } else if (
      group?.joiner === joint.joiner &&
      group.keys + joint.keys <= BULK_OPERATIONS_MAX &&
      group.bytes + bytes <= BULK_BYTES_MAX
    ) {
      group.keys += joint.keys;
      group.bytes += bytes;
      group.operations.push(operation);
    } else {
      const begun = [operation];
      groups.push(begun);
      open.set(slot, { joiner: joint.joiner, operations: begun, keys: joint.keys, bytes });
    }
  }
  return groups.map((group) => ({ operations: group, commands: commandsOf(group) }));
}

/** What each operation of a sending gets of the replies. */
export function repliesOf({ operations }: Sending, replies: readonly Reply[]): readonly (readonly Reply[])[] {
  const joiner = operations[0]?.joint?.joiner;
  if (joiner === undefined) return [replies];
  return joiner.repliesOf(replies, partsOf(operations)).map((reply) => [reply]);
}

interface Group {
  readonly joiner: Joiner<unknown>;
  readonly operations: Operation[];
  keys: number;
  bytes: number;
}

function commandsOf(operations: readonly Operation[]): readonly Command[] {
  const [first] = operations;
  return first?.joint?.joiner.commandsOf(partsOf(operations)) ?? first?.commands ?? [];
}

function partsOf(operations: readonly Operation[]): readonly unknown[] {
  return operations.map(({ joint }) => joint?.part);
}
