import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a command lies that the machine may have or not; `undefined` when it has not. */
export function onPath(command: string): string | undefined {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(directory, command);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next directory may have it.
    }
  }
  return undefined;
}
