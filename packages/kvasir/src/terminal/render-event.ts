import type { KvasirEvent } from "../events/events.js";
import { bindingTable } from "./binding-table.js";
import type { Colors } from "./colors.js";
import { printableLine, printableText } from "./printable.js";

/** Renders one event for people. The result may span several lines and has no newline at its end. */
export function renderEvent(event: KvasirEvent, colors: Colors): string {
  switch (event.event) {
    case "ready":
      return renderReady(event, colors);
    case "bindings":
      return bindingTable(event, colors);
    case "request":
      return renderRequest(event, colors);
    case "log":
      return renderLog(event, colors);
    case "error":
      return renderError(event, colors);
  }
}

type EventOf<Name extends KvasirEvent["event"]> = Extract<KvasirEvent, { event: Name }>;

// Programs wait for these lines: each begins with a fixed word, one space and the URL.
function renderReady(event: EventOf<"ready">, colors: Colors): string {
  const lines = [];
  if (event.functions !== undefined) lines.push(`functions ${colors.cyan(event.functions)}`);
  lines.push(`api ${colors.cyan(event.api)}`, colors.green(`ready in ${Math.round(event.ms)} ms`));
  return lines.join("\n");
}

function renderRequest(event: EventOf<"request">, colors: Colors): string {
  const status = colorOfStatus(event.status, colors)(String(event.status));
  const line = `${status} ${event.method} ${printableLine(event.path)} ${colors.dim(`${formatMs(event.ms)} ms`)}`;
  return `${origin(event.function ?? "api", colors)} ${line}`;
}

function renderLog(event: EventOf<"log">, colors: Colors): string {
  const prefix = event.function === undefined ? "" : `${origin(event.function, colors)} `;
  return `${prefix}${colorOfLevel(event.level, colors)(printableText(event.message))}`;
}

function renderError(event: EventOf<"error">, colors: Colors): string {
  const prefix = event.function === undefined ? "" : `${origin(event.function, colors)} `;
  const lines = [`${prefix}${colors.red("error")} ${printableText(event.message)}`];
  if (event.excerpt !== undefined) lines.push(event.excerpt.replace(/^/gm, "  "));
  if (event.stack !== undefined)
    lines.push(colors.dim(indent(printableText(stackWithout(event.message, event.stack)))));
  if (event.hint !== undefined) lines.push(indent(event.hint));
  return lines.filter((line) => line.trim() !== "").join("\n");
}

function origin(name: string, colors: Colors): string {
  return colors.dim(`[${name}]`);
}

function colorOfStatus(status: number, colors: Colors): (text: string) => string {
  if (status >= 500) return colors.red;
  if (status >= 400) return colors.yellow;
  return colors.green;
}

function colorOfLevel(level: EventOf<"log">["level"], colors: Colors): (text: string) => string {
  if (level === "error") return colors.red;
  if (level === "warn") return colors.yellow;
  return level === "debug" ? colors.dim : String;
}

/** Whole milliseconds. Below ten with one decimal, where the difference matters. */
function formatMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

/** Removes the message from the start of a stack, where engines repeat it. */
function stackWithout(message: string, stack: string): string {
  const [first = "", ...frames] = stack.split("\n");
  return first.includes(message.split("\n")[0] ?? message) ? frames.join("\n") : stack;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line.trim()}`)
    .join("\n");
}
