import { FunctionError } from "../../failure/function-error.js";
import type { ListedBinding } from "./listed-binding.js";

/**
 * Checks that no two bindings have one name, because one would take the place of the other.
 *
 * @param where the config, for the message
 * @throws FunctionError that names both
 */
export function checkUniqueNames(
  where: string,
  bindings: readonly Pick<ListedBinding, "name" | "kind">[],
): void {
  const kinds = new Map<string, string>();
  for (const { name, kind } of bindings) {
    const before = kinds.get(name);
    if (before !== undefined) {
      throw new FunctionError(`${where}: ${name} is bound twice, as ${before} and as ${kind}.`, {
        hint: "Give each binding a name of its own.",
      });
    }
    kinds.set(name, kind);
  }
}
