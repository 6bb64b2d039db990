import { CHECK_PROBLEMS_MAX } from "./limits.js";

/** One thing that is wrong with the data. */
export interface CheckProblem {
  /** A full sentence. */
  readonly message: string;
  /** The id of the namespace, if the problem concerns one of its keys. */
  readonly namespace?: string;
  readonly key?: string;
}

/** What a check of a data directory found. */
export interface CheckReport {
  /** Whether LMDB can read the file at all. If not, its rows were not checked. */
  readonly readable: boolean;
  /** The number of stored entries, including expired ones. */
  readonly entries: number;
  /** The total bytes of their values. */
  readonly bytes: number;
  /** How many problems there are. */
  readonly problemCount: number;
  /** The first of them, up to a limit. */
  readonly problems: readonly CheckProblem[];
}

/** Collects the findings of a check in bounded memory. */
export class CheckLog {
  entries = 0;
  bytes = 0;
  #problemCount = 0;
  readonly #problems: CheckProblem[] = [];

  add(problem: CheckProblem | string): void {
    this.#problemCount++;
    if (this.#problems.length >= CHECK_PROBLEMS_MAX) return;
    this.#problems.push(typeof problem === "string" ? { message: problem } : problem);
  }

  report(): CheckReport {
    const { entries, bytes } = this;
    return { readable: true, entries, bytes, problemCount: this.#problemCount, problems: this.#problems };
  }
}

/** The report on a file that LMDB cannot read. `messages` say why. */
export function unreadableReport(messages: readonly string[]): CheckReport {
  const problems = messages.map((message) => ({ message }));
  return { readable: false, entries: 0, bytes: 0, problemCount: problems.length, problems };
}
