import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryDirectory {
  readonly path: string;
  remove(): void;
}

const present = new Set<string>();

/** A directory of this process's own; removed at the latest when the process exits. */
export function makeTemporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), "kvasir-"));
  // One listener for all of them, however many a test suite opens.
  if (present.size === 0) process.once("exit", removeAll);
  present.add(path);
  return {
    path,
    remove: () => {
      present.delete(path);
      if (present.size === 0) process.removeListener("exit", removeAll);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function removeAll(): void {
  for (const path of present) rmSync(path, { recursive: true, force: true });
}
