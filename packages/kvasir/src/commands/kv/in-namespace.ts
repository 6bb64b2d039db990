import { chooseNamespace } from "../namespace-choice.js";
import type { NamespaceOptions } from "../options.js";
import { withTarget } from "../target/open-target.js";
import type { Target } from "../target/target.js";

/** The namespace that a command works in. */
export interface ChosenNamespace {
  readonly target: Target;
  readonly id: string;
  /** For messages: `id: "…"`, or the binding with its id. */
  readonly shown: string;
}

/** Finds the namespace that the flags mean, creating one that only the config names, and works in it. */
export async function inNamespace<T>(
  options: NamespaceOptions,
  does: "reads" | "writes",
  work: (chosen: ChosenNamespace) => Promise<T>,
): Promise<T> {
  const { id, shown, title } = await chooseNamespace(options);
  return await withTarget(options, does, async (target) => {
    if (title !== undefined) await target.ensureNamespace(id, title);
    return await work({ target, id, shown });
  });
}
