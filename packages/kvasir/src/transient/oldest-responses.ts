import type { ListedEntry, Store } from "@kvasir/store";
import { EVICTION_PAGE_ROWS } from "./limits.js";
import { RESPONSE_PREFIX, responseBytes } from "./response-entry.js";
import { RESPONSES } from "./transient-store.js";

/** Responses of the same second are equally old. */
const AGE_STEP_MS = 1000;

/**
 * Deletes the responses that were written longest ago, until all others have at most `bytesMax`. Memory is
 * bounded by a number for each second in which responses were written.
 *
 * @returns the bytes of the others
 */
export async function evictOldest(store: Store, bytesMax: number): Promise<number> {
  const bytesByStep = new Map<number, number>();
  let stored = 0;
  for await (const row of responses(store)) {
    const bytes = bytesOf(row);
    stored += bytes;
    bytesByStep.set(stepOf(row), (bytesByStep.get(stepOf(row)) ?? 0) + bytes);
  }
  if (stored <= bytesMax) return stored;
  const lastStep = lastStepToEvict(bytesByStep, stored - bytesMax);
  let batch: string[] = [];
  const deleteBatch = async () => {
    const keys = batch;
    batch = [];
    await store.entries.writeMany(
      RESPONSES,
      keys.map((key) => ({ type: "delete", key })),
    );
  };
  for await (const row of responses(store)) {
    if (stored <= bytesMax) break;
    if (stepOf(row) > lastStep) continue;
    stored -= bytesOf(row);
    batch.push(row.key);
    if (batch.length === EVICTION_PAGE_ROWS) await deleteBatch();
  }
  await deleteBatch();
  return stored;
}

function lastStepToEvict(bytesByStep: ReadonlyMap<number, number>, excessBytes: number): number {
  let bytes = 0;
  for (const step of [...bytesByStep.keys()].sort((a, b) => a - b)) {
    bytes += bytesByStep.get(step) ?? 0;
    if (bytes >= excessBytes) return step;
  }
  return Number.POSITIVE_INFINITY;
}

/** Each page is a turn of the event loop, so that other work goes on. */
async function* responses(store: Store): AsyncGenerator<ListedEntry, void> {
  let after: string | undefined;
  do {
    const page = await store.entries.list(RESPONSES, {
      prefix: RESPONSE_PREFIX,
      limit: EVICTION_PAGE_ROWS,
      after,
    });
    yield* page.entries;
    after = page.after ?? undefined;
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (after !== undefined);
}

function bytesOf({ valueBytes, metadata }: ListedEntry): number {
  return responseBytes(valueBytes, metadata);
}

function stepOf({ modifiedMs }: ListedEntry): number {
  return Math.floor(modifiedMs / AGE_STEP_MS);
}
