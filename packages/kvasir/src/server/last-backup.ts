import { statSync } from "node:fs";
import { ringEntries } from "@kvasir/store";
import type { LastBackup } from "../api/last-backup.js";

/**
 * Tells the age of a ring's last backup. It looks at the folder itself, so every process of a server knows it, and a
 * restart forgets nothing. Only a folder that has changed is read again.
 */
export function lastBackupOf(ring: string, nowMs: () => number): () => LastBackup {
  const startedMs = nowMs();
  let changedMs: number | undefined;
  let atMs: number | null = null;
  return () => {
    const foundMs = statSync(ring, { throwIfNoEntry: false })?.mtimeMs;
    if (foundMs !== changedMs) {
      atMs = ringEntries(ring).at(-1)?.manifest.atMs ?? null;
      changedMs = foundMs;
    }
    return { atMs, ageSeconds: Math.max(0, Math.round((nowMs() - (atMs ?? startedMs)) / 1000)) };
  };
}
