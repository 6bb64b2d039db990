import { type BigIntStats, type FSWatcher, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { WATCH_DEBOUNCE_MS } from "../limits.js";

export interface FileWatcherOptions {
  /** Receives all paths that changed, appeared or disappeared within a few milliseconds. */
  readonly onChange: (paths: ReadonlySet<string>) => void;
  /** Called once if the system refuses to watch. Edits of some files are then not noticed. */
  readonly onRefused: (error: Error) => void;
}

/**
 * Watches single files through their folders. This also notices a file that is replaced (as editors do when
 * they save), that does not exist yet, or that comes back. No change after {@link watch} returns is missed.
 * That is why this uses `fs.watch` directly: watcher libraries start to watch at some later moment.
 */
export class FileWatcher {
  readonly #options: FileWatcherOptions;
  readonly #folders = new Map<string, FSWatcher>();
  /** The last seen state of each watched file. */
  readonly #files = new Map<string, string>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #refused = false;

  constructor(options: FileWatcherOptions) {
    this.#options = options;
  }

  /** @param sinceMs when the files were read; changes between then and now are reported too */
  watch(paths: Iterable<string>, sinceMs: number): void {
    const wanted = new Set(paths);
    for (const path of this.#files.keys()) if (!wanted.has(path)) this.#files.delete(path);
    for (const path of wanted) {
      if (this.#files.has(path)) continue;
      this.#watchFolder(dirname(path));
      this.#files.set(path, signature(path));
      if (modifiedMs(path) >= sinceMs) this.#report(path);
    }
    this.#leaveFolders();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
  }

  #watchFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    try {
      const watcher = watch(folder, (_event, name) => this.#look(folder, name));
      // The folder was deleted. The event before this one reported its files.
      watcher.on("error", () => watcher.close());
      this.#folders.set(folder, watcher);
    } catch (error) {
      if (!this.#refused) this.#options.onRefused(error as Error);
      this.#refused = true;
    }
  }

  #leaveFolders(): void {
    const needed = new Set([...this.#files.keys()].map((path) => dirname(path)));
    for (const [folder, watcher] of this.#folders) {
      if (needed.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
  }

  #look(folder: string, name: string | null): void {
    // Without a name the event may concern any file of the folder.
    const paths =
      name === null
        ? [...this.#files.keys()].filter((path) => dirname(path) === folder)
        : [join(folder, name)];
    for (const path of paths) {
      const before = this.#files.get(path);
      const now = signature(path);
      if (before === undefined || before === now) continue;
      this.#files.set(path, now);
      this.#report(path);
    }
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

function signature(path: string): string {
  const stats = statsOf(path);
  return stats === undefined ? "absent" : `${stats.mtimeNs} ${stats.size} ${stats.ino}`;
}

function modifiedMs(path: string): number {
  return Number(statsOf(path)?.mtimeMs ?? Number.NEGATIVE_INFINITY);
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
