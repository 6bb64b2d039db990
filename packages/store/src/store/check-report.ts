/** One thing that is wrong with the data. */
export interface CheckProblem {
  /** A full sentence. */
  readonly message: string;
  /** The id of the namespace, if the problem concerns one of its keys. */
  readonly namespace?: string;
  readonly key?: string;
}

/** What a check of a store found. */
export interface CheckReport {
  /** Whether the data can be read at all. Otherwise no entry was looked at. */
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

/** The report on data that cannot be read; `messages` say why. */
export function unreadableReport(messages: readonly string[]): CheckReport {
  const problems = messages.map((message) => ({ message }));
  return { readable: false, entries: 0, bytes: 0, problemCount: problems.length, problems };
}
