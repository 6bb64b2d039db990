import type { Command, Reply } from "./connection.js";

/**
 * Sends operations of one kind on one bucket together: a node spends far less on one command with many keys than
 * on many commands. Compared by identity: only operations with the same one are joined.
 */
export interface Joiner<Part> {
  /** The commands for all of the parts, in their order. */
  commandsOf(parts: readonly Part[]): readonly Command[];
  /** What each of the parts gets of the replies. */
  repliesOf(replies: readonly Reply[], parts: readonly Part[]): readonly Reply[];
}

/** An operation that may be sent together with others. */
export interface Joint {
  // Its own `part` is all that a joiner is ever given.
  readonly joiner: Joiner<unknown>;
  readonly part: unknown;
  /** How many keys it concerns. */
  readonly keys: number;
}
