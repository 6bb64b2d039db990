import type { KVNamespace } from "@kvasir/client/namespace";
import type { DataSource } from "../data/data-source.js";
import { withData } from "../data/open-data.js";
import { chooseNamespace } from "../options/namespace-choice.js";
import type { NamespaceOptions } from "../options/options.js";
import { namingNamespace } from "./namespace-failures.js";

/** The namespace that a command works in. */
export interface ChosenNamespace {
  readonly namespace: KVNamespace;
  readonly id: string;
  /** For messages: `id: "…"`, or the binding with its id. */
  readonly shown: string;
  /** Where the namespace is. */
  readonly data: DataSource;
}

/**
 * Finds the namespace that the flags name, and calls `work` with it. Creates it if only a config names it.
 */
export async function inNamespace<T>(
  options: NamespaceOptions,
  does: "reads" | "writes",
  work: (chosen: ChosenNamespace) => Promise<T>,
): Promise<T> {
  const { id, shown, title } = await chooseNamespace(options);
  return await withData(options, does, async (data) => {
    if (title !== undefined) await data.ensureNamespace(id, title);
    return await namingNamespace({ id }, () => work({ namespace: data.namespace(id), id, shown, data }));
  });
}
