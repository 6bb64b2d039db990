import type { Session } from "../session/session.js";

/** What a namespace holds. */
export interface Usage {
  readonly id: string;
  readonly keys: number;
  readonly bytes: number;
}

/** By the id of the namespace. Empty where the engine does not count. */
export async function usageOf({ send }: Session): Promise<ReadonlyMap<string, Usage>> {
  const response = await send("/kvasir/usage");
  if (!response.ok) return new Map();
  const { namespaces } = (await response.json()) as { namespaces: readonly Usage[] };
  return new Map(namespaces.map((usage) => [usage.id, usage]));
}
