import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { PRIVATE_DIRECTORY_MODE } from "../store/files.js";

/**
 * Makes a missing folder that only its owner can enter, under any umask. Missing parents get the usual mode. Returns
 * whether it was missing.
 */
export function makePrivateFolder(path: string): boolean {
  if (!makeFolder(path, PRIVATE_DIRECTORY_MODE)) return false;
  chmodSync(path, PRIVATE_DIRECTORY_MODE);
  return true;
}

/** Not `recursive` of `mkdir`: that reports a read-only file system as a missing folder. */
export function makeFolder(path: string, mode?: number): boolean {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return false;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    // Another process has made it meanwhile.
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
