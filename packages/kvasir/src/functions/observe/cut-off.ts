import type { KvasirEvent } from "../../events/events.js";

/** The work of a function that was not finished when its process had to end. */
export interface Unfinished {
  /** Requests whose response is not complete. */
  readonly requests: number;
  /** Background tasks that continue after responses. */
  readonly tasks: number;
}

/** The event for a function that was stopped before its work had finished. */
export function cutOff(functionName: string, { requests, tasks }: Unfinished): KvasirEvent {
  const counts = [counted(requests, "request"), counted(tasks, "background task")].filter(
    (text) => text !== undefined,
  );
  // A process that does not respond reports no counts.
  const what = counts.length === 0 ? "Work" : counts.join(" and ");
  const message = `${what} of ${functionName} did not finish in time and had to be cut off.`;
  return { event: "log", level: "warn", function: functionName, message };
}

function counted(count: number, noun: string): string | undefined {
  return count === 0 ? undefined : `${count} ${noun}${count === 1 ? "" : "s"}`;
}
