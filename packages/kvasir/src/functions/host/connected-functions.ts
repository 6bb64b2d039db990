import type { RunnableSource } from "./runnable-source.js";

/**
 * Groups functions that call each other through bindings, directly or through others. Each group runs in one
 * workerd, because RPC does not leave a process. Groups are in the order of their first functions.
 */
export function connectedFunctions(
  sources: readonly RunnableSource[],
): readonly (readonly RunnableSource[])[] {
  const groups: RunnableSource[][] = [];
  for (const source of sources) {
    const touching = groups.filter((group) => group.some((member) => connects(member, source)));
    const joined = [...touching.flat(), source];
    const rest = groups.filter((group) => !touching.includes(group));
    groups.splice(
      0,
      groups.length,
      ...rest,
      sources.filter((one) => joined.includes(one)),
    );
  }
  return groups.sort(
    ([a], [b]) => sources.indexOf(a as RunnableSource) - sources.indexOf(b as RunnableSource),
  );
}

function connects(a: RunnableSource, b: RunnableSource): boolean {
  return calls(a, b) || calls(b, a);
}

function calls({ version: { config } }: RunnableSource, other: RunnableSource): boolean {
  const { name } = other.version.config;
  return (
    (config.serviceBindings ?? []).some(({ service }) => service === name) ||
    (config.durableObjects?.bindings ?? []).some(({ scriptName }) => scriptName === name)
  );
}

/** Whether the function has Durable Objects. Their files must be open in one process only. */
export function ownsObjects({ version: { config } }: Pick<RunnableSource, "version">): boolean {
  return (config.durableObjects?.classes.length ?? 0) > 0;
}
