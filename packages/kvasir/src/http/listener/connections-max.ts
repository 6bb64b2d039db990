import { readFileSync } from "node:fs";
import { CONNECTION_FILES_SHARE, CONNECTIONS_MAX } from "../limits.js";

/**
 * Most open connections per address. Each is an open file. If the system allows few of them, some must be
 * left for the data, for functions that use it, and for restarting a function.
 */
export function connectionsMax(limits: string | undefined = systemLimits()): number {
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits ?? "")?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.min(CONNECTIONS_MAX, Math.floor(files * CONNECTION_FILES_SHARE));
}

/** Only Linux reports the limit without starting a program. */
function systemLimits(): string | undefined {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return undefined;
  }
}
