import type { Surrounding } from "./worker-part.js";

/**
 * `vars` of the config and local variables: strings as text, everything else as JSON. JSON comes first, as in
 * wrangler, so that code that lists `env` sees the same order.
 */
export const vars: Surrounding = ({ vars }) => {
  const entries = Object.entries(vars);
  const json = entries.filter(([, value]) => typeof value !== "string");
  const text = entries.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    bindings: [
      ...json.map(([name, value]) => ({ name, json: JSON.stringify(value) })),
      ...text.map(([name, value]) => ({ name, text: value })),
    ],
  };
};
