import { monotonicMs } from "../../store/timers.js";
import { type Command, Refusal, type Reply } from "./connection.js";
import { outcomeUnknownError } from "./errors.js";
import type { Joint } from "./joint.js";
import { RETRIED_MS } from "./limits.js";

/** Commands for one slot, sent together, and what waits for their replies. */
export interface Operation {
  readonly slot: number;
  /** Empty if there is a joint. */
  readonly commands: readonly Command[];
  /** How it is sent together with others. `null`: it is not. */
  readonly joint: Joint | null;
  /** Memory that it holds. */
  readonly bytes: number;
  /** Reads may be sent again whatever became of them. */
  readonly isRead: boolean;
  /** `writes`: the replicas confirm it. */
  readonly lane: "writes" | "reads";
  /** When it is given up, by the monotonic clock. */
  readonly deadlineMs: number;
  /** The address of the node that `ASK` named, for the next attempt only. */
  askedAt: string | null;
  /** Why the last attempt came to nothing. */
  lastError: Error | null;
  resolve(replies: readonly Reply[]): void;
  reject(error: unknown): void;
}

/** An operation waited for its node until its time was over. */
export class TooLate extends Error {}

/** What became of an operation that was sent. */
export type Outcome =
  | { readonly is: "done"; readonly replies: readonly Reply[] }
  /** Nothing was executed, or it may be executed again. */
  | { readonly is: "again"; readonly error: Error }
  | { readonly is: "failed"; readonly error: Error };

export type OperationInit = Pick<Operation, "slot" | "isRead" | "lane"> &
  ({ readonly commands: readonly Command[] } | { readonly joint: Joint; readonly bytes: number });

export function newOperation(
  init: OperationInit,
  { resolve, reject }: Pick<Operation, "resolve" | "reject">,
): Operation {
  const { slot, isRead, lane } = init;
  const isJoined = "joint" in init;
  return {
    slot,
    commands: isJoined ? [] : init.commands,
    joint: isJoined ? init.joint : null,
    bytes: isJoined ? init.bytes : bytesOf(init.commands),
    isRead,
    lane,
    deadlineMs: monotonicMs() + RETRIED_MS,
    askedAt: null,
    lastError: null,
    resolve,
    reject,
  };
}

/** Refusals that come before anything is executed, and that pass. */
const PASSING = new Set([
  "MOVED",
  "ASK",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "READONLY",
  "LOADING",
  "NOREPLICAS",
  "MASTERDOWN",
  "NOSCRIPT",
  "BUSY",
]);

/**
 * @param replies one for each command of the operation
 * @param unconfirmed why the replicas have not confirmed it; `null` when they have, or need not
 */
export function outcomeOf(
  { isRead }: Pick<Operation, "isRead">,
  replies: readonly (Reply | Error)[],
  unconfirmed: string | null,
): Outcome {
  const errors = replies.filter((reply) => reply instanceof Error);
  const [first] = errors;
  if (first === undefined) {
    if (unconfirmed === null) return { is: "done", replies: replies as readonly Reply[] };
    const error = new Error(unconfirmed);
    return isRead ? { is: "again", error } : { is: "failed", error: outcomeUnknownError(unconfirmed) };
  }
  const isRefused = errors.every((error) => error instanceof Refusal && PASSING.has(error.code));
  if (isRefused && (isRead || errors.length === replies.length)) return { is: "again", error: first };
  if (first instanceof Refusal && !isRefused) return { is: "failed", error: first };
  if (isRead) return { is: "again", error: first };
  return { is: "failed", error: outcomeUnknownError(`the connection to its node ended (${first.message})`) };
}

function bytesOf(commands: readonly Command[]): number {
  let bytes = 0;
  for (const command of commands)
    for (const part of command) bytes += typeof part === "number" ? 8 : part.length;
  return bytes;
}
