import { readFileSync, writeFileSync } from "node:fs";

/**
 * Damages a file as a disk does: flips `bits` of the byte that is `offset` bytes after each occurrence of `text`. It
 * changes every occurrence, because LMDB leaves former copies of a page in the file.
 */
export function flipAt(file: string, text: string | Buffer, offset = 0, bits = 1): void {
  const bytes = readFileSync(file);
  let flips = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) {
    bytes[at + offset] = (bytes[at + offset] as number) ^ bits;
    flips++;
  }
  if (flips === 0) throw new Error(`"${text}" is nowhere in ${file}.`);
  writeFileSync(file, bytes);
}
