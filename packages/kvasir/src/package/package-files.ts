import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * A file or folder of this package, by its path from where package.json lies. Looked for from here upwards, for this may
 * run from the sources, from `dist` file by file, or bundled.
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

const ROOT = rootFrom(new URL(".", import.meta.url));

function rootFrom(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : rootFrom(new URL("..", folder));
}
