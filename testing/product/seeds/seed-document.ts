import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ROOT } from "../../harness/checkout.js";

/**
 * The path of the seed document with this number. The seed documents are not part of this repository. They
 * are in the folder that `KVASIR_SEEDS` names, else beside the checkout. Returns the path even if the
 * document is missing.
 */
export function seedDocument(number: string): string {
  const folder = resolve(ROOT, process.env["KVASIR_SEEDS"] ?? "../shared/seeds");
  return join(folder, namesIn(folder).find((name) => name.startsWith(`${number}_`)) ?? `${number}_*.txt`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
