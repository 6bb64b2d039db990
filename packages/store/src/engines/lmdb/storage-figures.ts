import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { StorageFigures } from "../../store/maintenance.js";
import type { Environment } from "./environment.js";
import { numberKey, parseExpiryKey } from "./keys.js";
import { rowsOf, type Tables } from "./tables.js";

/** The figures of LMDB's environment that are used here. */
interface EnvironmentStats {
  readonly pageSize: number;
  readonly mapSize: number;
  readonly lastPageNumber: number;
}

export function storageFigures(
  { root, file, files, tables }: Environment,
  { nowMs, sweptTotal }: { readonly nowMs: number; readonly sweptTotal: number },
): StorageFigures {
  const { pageSize, mapSize, lastPageNumber } = root.getStats() as unknown as EnvironmentStats;
  const isNamed = files !== null;
  // The directory of a store in memory has been removed, but its disk is that of the folder above.
  const disk = statfsSync(isNamed ? file : dirname(dirname(file)));
  return {
    dataBytes: isNamed ? statSync(file).size : (lastPageNumber + 1) * pageSize,
    dataBytesMax: mapSize,
    diskFreeBytes: disk.bavail * disk.bsize,
    diskBytes: disk.blocks * disk.bsize,
    sweepOverdueMs: overdueMs(tables, nowMs),
    expiringEntries: rowsOf(tables.expiry),
    sweptTotal,
  };
}

function overdueMs({ expiry }: Tables, nowMs: number): number {
  for (const key of expiry.getKeys({ end: numberKey(nowMs + 1), limit: 1 })) {
    return nowMs - parseExpiryKey(Buffer.from(key)).expirationMs;
  }
  return 0;
}
