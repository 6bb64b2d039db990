import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Returns the absolute path of a file or folder of this package, given relative to its package.json.
 * The package root is searched upwards from this module, because the module may run from the
 * sources, from `dist`, or bundled.
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

const ROOT = rootFrom(new URL(".", import.meta.url));

function rootFrom(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : rootFrom(new URL("..", folder));
}
