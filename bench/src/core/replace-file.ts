import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Replaces a file as a whole: a run that is interrupted meanwhile leaves the old one, not half of a new one. */
export async function replaceFile(file: URL, text: string): Promise<void> {
  const path = fileURLToPath(file);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
