import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Replaces a file as a whole. An interrupted run leaves the old file, not half of a new one. */
export async function replaceFile(file: URL, text: string): Promise<void> {
  const path = fileURLToPath(file);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
