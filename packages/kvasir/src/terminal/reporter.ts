import type { EventSink, KvasirEvent } from "../events/events.js";
import { colorsFor } from "./colors.js";
import { logLine } from "./log-line.js";
import { noteLine, printLine } from "./output.js";
import { renderEvent } from "./render-event.js";

/**
 * Reports the events of `dev` and `serve`: as JSON lines on stdout with `json`, otherwise as text for people.
 */
export function createReporter(options: { readonly json: boolean }): EventSink {
  if (options.json) {
    return (event) => {
      // The table is for people.
      if (event.event !== "bindings") void printLine(logLine(event, Date.now()));
    };
  }
  const forOut = colorsFor(process.stdout);
  const forErr = colorsFor(process.stderr);
  return (event) => {
    if (isAside(event)) void noteLine(renderEvent(event, forErr));
    else void printLine(renderEvent(event, forOut));
  };
}

/** Programs read the lines of stdout: where to connect, and what functions print. */
function isAside(event: KvasirEvent): boolean {
  if (event.event === "log") return event.level === "error" || event.level === "warn";
  return event.event === "error" || event.event === "bindings";
}
