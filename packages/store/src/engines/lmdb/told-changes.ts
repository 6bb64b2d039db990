import type { Change } from "../../store/changes.js";
import type { LoggedChange } from "./change-log.js";
import { type Place, positionOf } from "./positions.js";

export interface TellOptions {
  readonly prefix: string;
  /** Where the watch began: what it was told of that version before is not told again. */
  readonly start: Place;
  /** The namespace's id as watchers are told it; `null` for a change that is left out. */
  readonly idOf: (namespace: number) => { readonly namespace?: string } | null;
}

/** What a watch is told of `changes`, which hold each version whole. */
export function toldChanges(
  changes: readonly LoggedChange[],
  { prefix, start, idOf }: TellOptions,
): readonly Change[] {
  const told: Change[] = [];
  let nth = 0;
  for (const [at, { type, namespace, key, version }] of changes.entries()) {
    const isLast = changes[at + 1]?.version !== version;
    const place = ++nth;
    if (isLast) nth = 0;
    if (!key.startsWith(prefix)) continue;
    if (version === start.version && place <= (start.told ?? 0)) continue;
    const id = idOf(namespace);
    if (id === null) continue;
    told.push({ type, ...id, key, version, position: positionOf(version, isLast ? null : place) });
  }
  return told.map((change, at) =>
    told[at + 1]?.version === change.version ? { ...change, more: true } : change,
  );
}
