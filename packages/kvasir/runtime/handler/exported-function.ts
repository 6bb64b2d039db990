import type { ScriptSettings } from "./settings.js";

type Exports = Readonly<Record<string, unknown>>;
// biome-ignore lint/complexity/noBannedTypes: a user's function takes what its dialect gives it
type UserFunction = Function;

/**
 * Finds the function in a user's module.
 *
 * @throws TypeError if the export is not a function when the module has run
 */
export function exportedFunction(user: Exports, { entry }: ScriptSettings): UserFunction {
  const main = user["default"] as Exports | undefined;
  const named = user["handler"] ?? main?.["handler"];
  // `exports.default = …`, the output of compilers for ES modules.
  const unnamed = typeof main === "object" && main !== null ? (main["default"] ?? main) : main;
  const found = entry === "default" ? unnamed : named;
  if (typeof found === "function") return found;
  const what = entry === "default" ? "The default export" : "The export `handler`";
  throw new TypeError(
    `${what} must be a function, not ${found === null ? "null" : typeof found}: write \`export async function handler(request)\` or \`module.exports = async (req, res) => …\`.`,
  );
}
