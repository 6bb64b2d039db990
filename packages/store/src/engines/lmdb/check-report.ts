import { CHECK_PROBLEMS_MAX } from "./limits.js";

/** Something that is not as it should be. */
export interface CheckProblem {
  /** A sentence. */
  readonly message: string;
  /** Id of the namespace, where a key of one is concerned. */
  readonly namespace?: string;
  readonly key?: string;
}

/** What a check of a data directory found. */
export interface CheckReport {
  /** Whether LMDB can follow the file at all. Otherwise the rows in it were not looked at. */
  readonly readable: boolean;
  /** Entries that are stored, expired ones included. */
  readonly entries: number;
  /** Bytes of their values. */
  readonly bytes: number;
  /** How many problems there are. */
  readonly problemCount: number;
  /** The first of them. */
  readonly problems: readonly CheckProblem[];
}

/** Collects what a check finds, in bounded memory. */
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

/** The report on a file that cannot be followed; `messages` say why. */
export function unreadableReport(messages: readonly string[]): CheckReport {
  const problems = messages.map((message) => ({ message }));
  return { readable: false, entries: 0, bytes: 0, problemCount: problems.length, problems };
}
