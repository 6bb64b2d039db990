import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Packages change with their package.json. The others are folders of tools, and of Kvasir's own data. */
const IGNORED = new Set(["node_modules", ".git", ".kvasir", ".wrangler"]);

export interface FolderTree {
  readonly folders: string[];
  readonly files: string[];
}

/** A folder with all folders and files below it. A file has only itself, what does not exist only its place. */
export function folderTree(root: string): FolderTree {
  const tree: FolderTree = { folders: [], files: [] };
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) tree.files.push(root);
  else addFolder(root, tree);
  return tree;
}

function addFolder(folder: string, tree: FolderTree): void {
  tree.folders.push(folder);
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) tree.files.push(path);
    else if (!IGNORED.has(entry.name)) addFolder(path, tree);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It was removed meanwhile, or may not be read.
    return [];
  }
}
