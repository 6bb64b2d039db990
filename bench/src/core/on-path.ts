import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a command, or `undefined` if the machine does not have it. */
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
