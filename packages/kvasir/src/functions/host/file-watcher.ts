import { type BigIntStats, type FSWatcher, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { WATCH_DEBOUNCE_MS } from "../limits.js";

export interface FileWatcherOptions {
  /** Gets what changed, appeared or went away within a few milliseconds at once. */
  readonly onChange: (paths: ReadonlySet<string>) => void;
  /** Called once when the system refuses to watch; edits of some files are then not seen. */
  readonly onRefused: (error: Error) => void;
}

/**
 * Watches files, and only those, by their folders: a file that is replaced (as editors save), that is not there yet
 * or that comes back is seen like any other. From the return of {@link watch} on no change is missed, which is why
 * this asks the system itself: libraries begin to watch at some later moment.
 */
export class FileWatcher {
  readonly #options: FileWatcherOptions;
  readonly #folders = new Map<string, FSWatcher>();
  /** What each watched file was like when last looked at. */
  readonly #files = new Map<string, string>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #refused = false;

  constructor(options: FileWatcherOptions) {
    this.#options = options;
  }

  /** @param sinceMs when the files were read: what changed after that, and before now, counts as a change */
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
      // The folder is gone; what was in it is reported by the event before.
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
    // Without a name it may be any of them.
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

/** `undefined` for what is not there or cannot be looked at: whoever reads it says why. */
function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch {
    return undefined;
  }
}
