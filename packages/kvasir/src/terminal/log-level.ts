import type { EventSink } from "../events/events.js";

/** wrangler's names. `log` is what it calls `info` in other places. */
export const LOG_LEVELS = ["debug", "info", "log", "warn", "error", "none"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Drops messages below a level. `none` drops requests too. The line that says where to connect is kept. */
export function aboveLevel(level: LogLevel, onEvent: EventSink): EventSink {
  const least = LOG_LEVELS.indexOf(level === "log" ? "info" : level);
  return (event) => {
    if (event.event === "log" && LOG_LEVELS.indexOf(event.level) < least) return;
    if (event.event === "error" && level === "none") return;
    if (event.event === "request" && LOG_LEVELS.indexOf("log") < least) return;
    onEvent(event);
  };
}
