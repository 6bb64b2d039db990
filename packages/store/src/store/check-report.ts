import type { CheckReport } from "@kvasir/client/namespace";

export type { CheckProblem, CheckReport } from "@kvasir/client/namespace";

/** The report on data that cannot be read; `messages` say why. */
export function unreadableReport(messages: readonly string[]): CheckReport {
  const problems = messages.map((message) => ({ message }));
  return { readable: false, entries: 0, bytes: 0, problemCount: problems.length, problems };
}
