import { mkdtempSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryDirectory {
  readonly path: string;
  /** Further calls do nothing. */
  remove(): void;
}

const present = new Set<string>();

/** Makes a directory of this process's own. It is removed at the latest when the process exits. */
export function makeTemporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), "kvasir-"));
  // One listener for all of them, however many a test suite makes.
  if (present.size === 0) process.once("exit", removeAll);
  present.add(path);
  return {
    path,
    remove: () => {
      if (!present.delete(path)) return;
      if (present.size === 0) process.removeListener("exit", removeAll);
      removeFolder(path);
    },
  };
}

function removeAll(): void {
  for (const path of present) removeFolder(path);
}

/** Not `rmSync`, whose first call in a process takes a millisecond, as long as opening such a store. */
function removeFolder(path: string): void {
  for (const name of readdirSync(path)) unlinkSync(join(path, name));
  rmdirSync(path);
}
