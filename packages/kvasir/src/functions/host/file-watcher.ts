import { type BigIntStats, type FSWatcher, lstatSync, readlinkSync, statSync, watch } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { LINKS_MAX, WATCH_DEBOUNCE_MS, WATCHED_FOLDERS_MAX } from "../limits.js";
import { folderTree } from "./folder-tree.js";

export interface FileWatcherOptions {
  /** Receives all paths that changed, appeared or disappeared within a few milliseconds. */
  readonly onChange: (paths: ReadonlySet<string>) => void;
  /** Called once if the system refuses to watch. Edits of some files are then not noticed. */
  readonly onRefused: (error: Error) => void;
}

/** What to watch. All paths are absolute. */
export interface Watched {
  /** Files, which may not exist. */
  readonly files: Iterable<string>;
  /** Folders in which each file counts, new ones too. */
  readonly trees?: Iterable<string>;
}

/** Ends the search for folders in a tree that changes all the time. */
const ATTEMPTS_MAX = 10;

/**
 * Watches single files through their folders. This also notices a file that is replaced (as editors do when
 * they save), that does not exist yet, or that comes back, in a folder that is made or replaced, and the target
 * of a symbolic link. No change after {@link watch} returns is missed. That is why this uses `fs.watch`
 * directly: watcher libraries start to watch at some later moment.
 */
export class FileWatcher {
  readonly #options: FileWatcherOptions;
  readonly #folders = new Map<string, FSWatcher>();
  /** The last seen state of each watched file. */
  readonly #files = new Map<string, string>();
  /** The watched files that are links, by the paths that they lead to. */
  #links = new Map<string, string[]>();
  /** Folders that do not exist and that watched files would be in. */
  #missing = new Set<string>();
  #wanted: ReadonlySet<string> = new Set();
  #trees: readonly string[] = [];
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #refused = false;
  #closed = false;

  constructor(options: FileWatcherOptions) {
    this.#options = options;
  }

  /** @param sinceMs when the files were read; changes between then and now are reported too */
  watch({ files, trees = [] }: Watched, sinceMs: number): void {
    this.#wanted = new Set(files);
    this.#trees = [...trees];
    this.#arm(sinceMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
  }

  /** Watches the folders first and looks at the files then, so that no change falls in between. */
  #arm(sinceMs: number): void {
    if (this.#closed) return;
    const { folders, files } = this.#watchFolders();
    for (const path of this.#files.keys()) {
      if (files.has(path)) continue;
      // In a tree, a file that is gone is a change. Other files are only no longer wanted.
      if (this.#isInTree(path)) this.#compare(path);
      this.#files.delete(path);
    }
    for (const path of files) {
      if (this.#files.has(path)) {
        this.#compare(path);
        continue;
      }
      this.#files.set(path, signature(path));
      if (modifiedMs(path) >= sinceMs) this.#report(path);
    }
    for (const [folder, watcher] of this.#folders) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
  }

  #watchFolders(): { readonly folders: ReadonlySet<string>; readonly files: ReadonlySet<string> } {
    for (let attempt = 1; ; attempt++) {
      const trees = this.#trees.map(folderTree);
      const files = new Set([...this.#wanted, ...trees.flatMap((tree) => tree.files)]);
      const folders = new Set(trees.flatMap((tree) => tree.folders));
      this.#links = new Map();
      this.#missing = new Set();
      for (const path of files) this.#addFolders(path, folders);
      addParents(folders);
      const opened = [...folders].filter((folder) => this.#watchFolder(folder));
      // A folder may have been made or removed before its parent was watched: look once more.
      if (opened.length === 0 || attempt === ATTEMPTS_MAX || this.#refused) return { folders, files };
    }
  }

  /** Adds the folders in which something can happen to a file. */
  #addFolders(path: string, folders: Set<string>): void {
    let at = path;
    for (let link = 0; link < LINKS_MAX; link++) {
      let folder = dirname(at);
      while (!folders.has(folder) && !isFolder(folder)) {
        this.#missing.add(folder);
        folder = dirname(folder);
      }
      folders.add(folder);
      const target = linkTarget(at);
      if (target === undefined) return;
      at = target;
      this.#links.set(at, [...(this.#links.get(at) ?? []), path]);
    }
  }

  /** Returns whether the folder was not watched before. */
  #watchFolder(folder: string): boolean {
    if (this.#folders.has(folder)) return false;
    try {
      if (this.#folders.size >= WATCHED_FOLDERS_MAX) {
        throw new Error(`they are in more than ${WATCHED_FOLDERS_MAX.toLocaleString("en")} folders`);
      }
      const watcher = watch(folder, (event, name) => this.#look(folder, event, name));
      watcher.on("error", () => this.#replaced(folder));
      this.#folders.set(folder, watcher);
      return true;
    } catch (error) {
      // The folder is gone already. The next look finds that.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
      if (!this.#refused) this.#options.onRefused(error as Error);
      this.#refused = true;
      return false;
    }
  }

  #look(folder: string, event: string, name: string | null): void {
    if (this.#closed) return;
    // Without a name the event may concern anything in the folder.
    const path = name === null ? folder : join(folder, name);
    const replaced = event === "rename";
    // A watched folder was made, removed or replaced. Its old watch reports nothing more.
    if (name === null || (replaced && name === basename(folder))) this.#replaced(folder);
    if (replaced && this.#needsNewWatch(path)) this.#replaced(path);
    else if (this.#files.has(path)) this.#compare(path);
    else if (this.#isInTree(path)) this.#arm(0);
    for (const watched of this.#links.get(path) ?? []) this.#compare(watched);
  }

  /** Whether the path is one that other watches depend on: a folder, or a link on the way to a file. */
  #needsNewWatch(path: string): boolean {
    return (
      this.#folders.has(path) ||
      this.#missing.has(path) ||
      this.#links.has(path) ||
      (this.#files.has(path) && isLink(path))
    );
  }

  #replaced(path: string): void {
    for (const [folder, watcher] of this.#folders) {
      if (folder !== path && !folder.startsWith(path + sep)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    this.#arm(0);
  }

  #isInTree(path: string): boolean {
    return this.#trees.some((tree) => path.startsWith(tree + sep));
  }

  #compare(path: string): void {
    const now = signature(path);
    if (this.#files.get(path) === now) return;
    this.#files.set(path, now);
    this.#report(path);
  }

  #report(path: string): void {
    this.#changed.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const changed = this.#changed;
      this.#changed = new Set();
      this.#options.onChange(changed);
    }, WATCH_DEBOUNCE_MS);
  }
}

/**
 * Adds the folders between each folder and the next watched one above it, or its parent alone: what happens to
 * a folder itself is seen from its parent.
 */
function addParents(folders: Set<string>): void {
  for (const folder of [...folders]) {
    const between: string[] = [];
    for (let at = dirname(folder); ; at = dirname(at)) {
      if (folders.has(at)) {
        for (const parent of between) folders.add(parent);
        break;
      }
      between.push(at);
      if (dirname(at) !== at) continue;
      if (between.length > 1) folders.add(between[0] as string);
      break;
    }
  }
}

function signature(path: string): string {
  const stats = statsOf(path);
  if (stats === undefined) return "absent";
  // What happens in a folder is not a change of the folder.
  return stats.isDirectory() ? `folder ${stats.ino}` : `${stats.mtimeNs} ${stats.size} ${stats.ino}`;
}

function modifiedMs(path: string): number {
  const stats = statsOf(path);
  return stats === undefined || stats.isDirectory() ? Number.NEGATIVE_INFINITY : Number(stats.mtimeMs);
}

function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() ?? false;
}

function isLink(path: string): boolean {
  return linkTarget(path) !== undefined;
}

/** The path that a symbolic link names. `undefined` if the path is not a link. */
function linkTarget(path: string): string | undefined {
  try {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    return isLink ? resolve(dirname(path), readlinkSync(path)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns `undefined` if the file does not exist or cannot be examined. The code that reads it reports why.
 */
function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch {
    return undefined;
  }
}
