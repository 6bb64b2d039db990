import { readFileSync } from "node:fs";
import { CONNECTION_FILES_SHARE, CONNECTIONS_MAX } from "./limits.js";

/**
 * Most connections of one address at a time. Each is an open file: where the system allows few of them, some must be
 * left for the data, for functions that reach it, and for starting a function again.
 */
export function connectionsMax(limits: string | undefined = systemLimits()): number {
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits ?? "")?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.min(CONNECTIONS_MAX, Math.floor(files * CONNECTION_FILES_SHARE));
}

/** Linux alone tells it without starting a program. */
function systemLimits(): string | undefined {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return undefined;
  }
}
