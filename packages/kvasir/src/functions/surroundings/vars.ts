import type { Surrounding } from "./worker-part.js";

/** `vars` of the config and local variables: strings as text, everything else as JSON. */
export const vars: Surrounding = ({ vars }) => ({
  bindings: Object.entries(vars).map(([name, value]) =>
    typeof value === "string" ? { name, text: value } : { name, json: JSON.stringify(value) },
  ),
});
