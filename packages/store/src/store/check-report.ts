/** Something that is not as it should be. */
export interface CheckProblem {
  /** A sentence. */
  readonly message: string;
  /** Id of the namespace, where a key of one is concerned. */
  readonly namespace?: string;
  readonly key?: string;
}

/** What a check of a store found. */
export interface CheckReport {
  /** Whether the data can be read at all. Otherwise no entry was looked at. */
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

/** The report on data that cannot be read; `messages` say why. */
export function unreadableReport(messages: readonly string[]): CheckReport {
  const problems = messages.map((message) => ({ message }));
  return { readable: false, entries: 0, bytes: 0, problemCount: problems.length, problems };
}
