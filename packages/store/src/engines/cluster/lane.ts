import { monotonicMs } from "../../store/timers.js";
import { type Access, type Address, type Command, NodeConnection, type Reply } from "./connection.js";
import { overloadedError } from "./errors.js";
import { CONNECT_MS, QUEUE_BYTES_MAX, QUEUE_OPERATIONS_MAX } from "./limits.js";
import { type Operation, type Outcome, outcomeOf, TooLate } from "./operation.js";
import { SCRIPTS } from "./scripts.js";
import { repliesOf, type Sending } from "./sending.js";

/** What a lane tells the cluster of operations that it cannot finish by itself. */
export interface LaneHooks {
  /** They were not executed, or may be executed again. */
  again(operations: readonly Operation[], error: Error): void;
}

/** One connection to one node, and the operations that wait for it. */
export abstract class Lane {
  protected readonly address: Address;
  protected readonly hooks: LaneHooks;
  readonly #access: Access;
  readonly #queue: Operation[] = [];
  #queueBytes = 0;
  #connection: NodeConnection | null = null;
  #connecting: Promise<NodeConnection> | null = null;
  #isClosed = false;

  constructor(address: Address, access: Access, hooks: LaneHooks) {
    this.address = address;
    this.#access = access;
    this.hooks = hooks;
  }

  push(operation: Operation): void {
    if (this.#queue.length >= QUEUE_OPERATIONS_MAX || this.#queueBytes + operation.bytes > QUEUE_BYTES_MAX) {
      operation.reject(overloadedError());
      return;
    }
    this.#queue.push(operation);
    this.#queueBytes += operation.bytes;
    this.wake();
  }

  /** Operations that wait are given back. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
    const waiting = this.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    if (waiting.length > 0) this.hooks.again(waiting, new Error("its node left the cluster"));
  }

  /** Called when there is something to send. */
  protected abstract wake(): void;

  protected get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Takes operations out of the queue. Gives back those that have waited too long. */
  protected take(operationsMax: number, bytesMax: number): readonly Operation[] {
    let bytes = 0;
    let count = 0;
    for (; count < this.#queue.length && count < operationsMax && bytes < bytesMax; count++) {
      bytes += this.#queue[count]?.bytes ?? 0;
    }
    this.#queueBytes -= bytes;
    const taken = this.#queue.splice(0, count);
    const nowMs = monotonicMs();
    const late = taken.filter(({ deadlineMs }) => deadlineMs < nowMs);
    if (late.length === 0) return taken;
    this.hooks.again(late, new TooLate("its node was too busy"));
    return taken.filter(({ deadlineMs }) => deadlineMs >= nowMs);
  }

  /** An open connection whose node knows all scripts. */
  protected connection(): NodeConnection | Promise<NodeConnection> {
    if (this.#connection?.isOpen) return this.#connection;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  /** Settles operations by their replies. */
  protected settle(
    sendings: readonly Sending[],
    replies: readonly (Reply | Error)[],
    unconfirmed: string | null,
  ): void {
    const again = new Map<string, { error: Error; operations: Operation[] }>();
    let at = 0;
    for (const sending of sendings) {
      const { operations, commands } = sending;
      const sent = sentOf(sending);
      const all = replies.slice(at, at + sent.length);
      // The replies to ASKING say nothing.
      const own = sent.length === commands.length ? all : all.filter((_, number) => sent[number] !== ASKING);
      at += sent.length;
      const outcome: Outcome = outcomeOf({ isRead: isRead(sending) }, own, unconfirmed);
      if (outcome.is === "done") {
        const each = repliesOf(sending, outcome.replies);
        for (const [which, operation] of operations.entries()) operation.resolve(each[which] ?? []);
      } else if (outcome.is === "failed") {
        for (const operation of operations) operation.reject(outcome.error);
      } else {
        const group = again.get(outcome.error.message) ?? { error: outcome.error, operations: [] };
        group.operations.push(...operations);
        again.set(outcome.error.message, group);
      }
    }
    for (const group of again.values()) {
      // Loads the scripts again.
      if (group.error.message.startsWith("NOSCRIPT")) this.#connection?.close();
      this.hooks.again(group.operations, group.error);
    }
  }

  async #connect(): Promise<NodeConnection> {
    const connection = await NodeConnection.open(this.address, this.#access);
    try {
      for (const { text } of SCRIPTS) await connection.ask(["SCRIPT", "LOAD", text], CONNECT_MS);
      if (this.#isClosed) throw new Error("its node left the cluster");
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#connection = connection;
    return connection;
  }
}

/** The commands of operations in order, with `ASKING` before those that a node sent here. */
export function commandsOf(sendings: readonly Sending[]): Command[] {
  const all: Command[] = [];
  for (const sending of sendings) all.push(...sentOf(sending));
  return all;
}

const ASKING: Command = ["ASKING"];

/**
 * `ASKING` is for one command. All commands of a write are about the key that the other node does not have. A
 * fenced read is about two: this node would say of an entry that is still on the other one that there is none.
 */
function sentOf(sending: Sending): readonly Command[] {
  const { commands } = sending;
  if (!isAsking(sending)) return commands;
  return isRead(sending) ? [ASKING, ...commands] : commands.flatMap((command) => [ASKING, command]);
}

function isAsking({ operations: [first] }: Sending): boolean {
  return first !== undefined && first.askedAt !== null;
}

/** Operations that are joined are all reads, or all writes. */
function isRead({ operations: [first] }: Sending): boolean {
  return first?.isRead === true;
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
