import type { NamespaceUsage } from "../../store/maintenance.js";
import { contentBytesOf, ENTRY_BYTES_MIN, isLive } from "./entry-codec.js";
import { COUNT_SLICE_ENTRIES } from "./limits.js";
import { intactNamespaces } from "./namespace-table.js";
import { readU32 } from "./numbers.js";
import type { Tables } from "./tables.js";
import { nextTurn } from "./turns.js";

interface Counted {
  entries: number;
  bytes: number;
}

/** The size of the number of its namespace before an entry's key. */
const NUMBER_BYTES = 4;

/**
 * Goes through all entries once, in the order of the table, so that the cost does not depend on the number of
 * namespaces.
 *
 * @param beginSlice called before each slice; throws when the store is closed
 */
export async function usageOf(
  tables: Tables,
  { nowMs, beginSlice }: { nowMs(): number; beginSlice(): void },
): Promise<readonly NamespaceUsage[]> {
  const counted = new Map<number, Counted>();
  for (let from: Buffer | null = Buffer.alloc(0); from !== null; ) {
    beginSlice();
    from = countSlice(tables, { from, nowMs: nowMs() }, counted);
    if (from !== null) await nextTurn();
  }
  return intactNamespaces(tables).map(({ id, number }) => ({
    namespace: id,
    ...(counted.get(number) ?? { entries: 0, bytes: 0 }),
  }));
}

/** Returns the key at which the next slice begins, or `null` after the last one. */
function countSlice(
  { entryRows }: Tables,
  { from, nowMs }: { readonly from: Buffer; readonly nowMs: number },
  counted: Map<number, Counted>,
): Buffer | null {
  let looked = 0;
  let namespace = -1;
  let current: Counted = { entries: 0, bytes: 0 };
  for (const { key, value } of entryRows.getRange({ start: from })) {
    if (looked++ === COUNT_SLICE_ENTRIES) return Buffer.from(key);
    if (key.length < NUMBER_BYTES || value.length < ENTRY_BYTES_MIN || !isLive(value, nowMs)) continue;
    const number = readU32(key, 0);
    if (number !== namespace) {
      namespace = number;
      current = counted.get(number) ?? { entries: 0, bytes: 0 };
      counted.set(number, current);
    }
    current.entries++;
    const bytes = key.length - NUMBER_BYTES + contentBytesOf(value);
    // A damaged row may claim any length. A check finds it; figures need no checksum.
    if (bytes >= 0 && Number.isSafeInteger(bytes)) current.bytes += bytes;
  }
  return null;
}
