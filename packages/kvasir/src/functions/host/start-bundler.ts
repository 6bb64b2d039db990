import { existsSync } from "node:fs";
import { join } from "node:path";
import { startEsbuild } from "../bundle/esbuild.js";
import { MANIFEST_NAMES } from "../config/telnyx-manifest.js";

/**
 * Starts the bundler's process if the functions at these paths certainly need it. Call it before the code is loaded
 * that builds and runs them.
 */
export function startBundler(paths: readonly string[]): void {
  if (paths.some(isBundled)) startEsbuild();
}

/** A Telnyx manifest may be for Python or Go, which need only their own tools. */
function isBundled(path: string): boolean {
  return (
    !/\.(?:py|go)$/.test(path) &&
    !MANIFEST_NAMES.some((name) => path.endsWith(name) || existsSync(join(path, name)))
  );
}
