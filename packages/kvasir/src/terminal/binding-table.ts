import type { KvasirEvent } from "../events/events.js";
import type { Colors } from "./colors.js";

type BindingsEvent = Extract<KvasirEvent, { event: "bindings" }>;

/** The table that wrangler prints at the start of `dev`. */
export function bindingTable({ function: name, bindings }: BindingsEvent, colors: Colors): string {
  const rows = bindings.map(({ name: binding, kind, target }) => [
    target === undefined ? `env.${binding}` : `env.${binding} (${printable(target)})`,
    kind,
  ]);
  const width = Math.max(...rows.map(([first = ""]) => first.length)) + GAP;
  const lines = [["Binding", "Resource"], ...rows].map(([first = "", second = ""], at) => {
    const line = `${first.padEnd(width)}${second}`;
    return at === 0 ? colors.dim(line) : line;
  });
  return [`${name} has access to the following bindings:`, ...lines].join("\n");
}

const GAP = 3;

/** A value must not control the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}
