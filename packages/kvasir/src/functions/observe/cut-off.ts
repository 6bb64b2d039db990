import type { KvasirEvent } from "../../events/events.js";

/** What a function was doing when its process had to end. */
export interface Unfinished {
  /** Without a whole response. */
  readonly requests: number;
  /** Going on after responses. */
  readonly tasks: number;
}

/** Tells that a function was stopped in the middle of its work. */
export function cutOff(functionName: string, { requests, tasks }: Unfinished): KvasirEvent {
  const counts = [counted(requests, "request"), counted(tasks, "background task")].filter(
    (text) => text !== undefined,
  );
  // A process that does not react tells no counts.
  const what = counts.length === 0 ? "Work" : counts.join(" and ");
  const message = `${what} of ${functionName} did not finish in time and had to be cut off.`;
  return { event: "log", level: "warn", function: functionName, message };
}

function counted(count: number, noun: string): string | undefined {
  return count === 0 ? undefined : `${count} ${noun}${count === 1 ? "" : "s"}`;
}
