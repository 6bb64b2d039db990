import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { PRIVATE_DIRECTORY_MODE, PRIVATE_FILE_MODE } from "./limits.js";

/**
 * Makes a missing directory that only its owner can enter, under any umask. Missing parents get the usual
 * mode.
 */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: PRIVATE_DIRECTORY_MODE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(path, { mode: PRIVATE_DIRECTORY_MODE });
  }
  // A umask may have removed permissions from the mode above.
  chmodSync(path, PRIVATE_DIRECTORY_MODE);
}

/**
 * Makes a missing file, empty, that only its owner can read, under any umask. LMDB would make it with mode
 * 0664.
 */
export function makePrivateFile(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", PRIVATE_FILE_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  try {
    fchmodSync(descriptor, PRIVATE_FILE_MODE);
  } finally {
    closeSync(descriptor);
  }
}
