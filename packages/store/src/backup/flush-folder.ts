import { closeSync, fsyncSync, openSync } from "node:fs";

/** Puts the names in a folder on disk. Does nothing where a folder cannot be flushed, as on Windows. */
export function flushFolder(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // Some network file systems refuse this. They have put the names where they belong already.
  } finally {
    closeSync(descriptor);
  }
}
