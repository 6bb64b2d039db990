import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface FolderFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the folder, with slashes. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** All files below a folder, in the order of their names. Links to files count as files. */
export async function folderFiles(
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<readonly FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry): Promise<FolderFile | undefined> => {
      if (entry.isDirectory()) return undefined;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const name = relative(folder, path).split(sep).join("/");
      if (!isWanted(name)) return undefined;
      // The file may be gone by now, and a link may lead nowhere or to a folder.
      const stats = await stat(path).catch(() => undefined);
      return stats?.isFile() === true ? { path, name, size: stats.size } : undefined;
    }),
  );
  return files.filter((file) => file !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}
