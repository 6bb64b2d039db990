import type { KvasirEvent } from "../events/events.js";

type Level = "debug" | "info" | "warn" | "error";

/**
 * What some readers take for the end of a line, or terminals for the beginning of a command, and what changes the
 * direction of text. JSON leaves these characters as they are.
 */
const UNSAFE = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One event as a line for machines: JSON with the time, in UTC, and the level. Durations are whole milliseconds. */
export function logLine(event: KvasirEvent, nowMs: number): string {
  const { event: name, ...rest } = event;
  const line = { event: name, time: new Date(nowMs).toISOString(), level: levelOf(event), ...rest };
  const rounded = "ms" in event ? { ...line, ms: Math.round(event.ms) } : line;
  return JSON.stringify(rounded).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function levelOf(event: KvasirEvent): Level {
  switch (event.event) {
    case "log":
      return event.level;
    case "error":
      return "error";
    case "request":
      if (event.status >= 500) return "error";
      return event.status >= 400 ? "warn" : "info";
    case "ready":
    case "bindings":
      return "info";
  }
}
