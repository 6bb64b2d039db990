import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** In a data directory without data: the path of the one that has the folder's data. */
const POINTER = "elsewhere";

/**
 * Several folders that run together keep their data in one place, that of the first. Each of the others gets a
 * pointer to it, so that commands in that folder find the same data.
 *
 * @param notify receives a notice for a folder that has data of its own, which is not used now
 */
export function pointTo(data: string, others: readonly string[], notify: (notice: string) => void): void {
  rmSync(join(data, POINTER), { force: true });
  for (const other of new Set(others)) {
    if (other === data) continue;
    if (hasOwnData(other)) {
      notify(
        `${other} has data of its own, which is not used: these functions share ${data}. Commands in ${dirname(other)} use that too.`,
      );
    }
    mkdirSync(other, { recursive: true, mode: 0o700 });
    writeFileSync(join(other, POINTER), `${relative(other, data)}\n`);
  }
}

/** The data directory to which another one points, if that still exists. */
export function pointedFrom(directory: string): string | undefined {
  try {
    const target = resolve(directory, readFileSync(join(directory, POINTER), "utf8").trim());
    return existsSync(target) ? target : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a data directory has more than a pointer. */
export function hasOwnData(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => name !== POINTER);
  } catch {
    return false;
  }
}
