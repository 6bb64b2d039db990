import type { FSWatcher } from "chokidar";
import { WATCH_DEBOUNCE_MS } from "./limits.js";

/** Watches files, and only those, for change, appearance and removal. */
export class FileWatcher {
  readonly #onChange: (paths: ReadonlySet<string>) => void;
  #watcher: FSWatcher | undefined;
  #watched: ReadonlySet<string> = new Set();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange gets what changed within a few milliseconds at once */
  constructor(onChange: (paths: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
  }

  async watch(paths: Iterable<string>): Promise<void> {
    const wanted = new Set(paths);
    const added = [...wanted].filter((path) => !this.#watched.has(path));
    const removed = [...this.#watched].filter((path) => !wanted.has(path));
    this.#watched = wanted;
    if (this.#watcher === undefined) {
      this.#watcher = await this.#open(added);
      return;
    }
    if (added.length > 0) this.#watcher.add(added);
    if (removed.length > 0) this.#watcher.unwatch(removed);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher?.close();
  }

  async #open(paths: string[]): Promise<FSWatcher> {
    const { watch } = await import("chokidar");
    const watcher = watch(paths, { ignoreInitial: true, atomic: false });
    watcher.on("all", (_event, path) => {
      this.#changed.add(path);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        const changed = this.#changed;
        this.#changed = new Set();
        this.#onChange(changed);
      }, WATCH_DEBOUNCE_MS);
    });
    // A folder that vanishes, too many watches: edits are no longer seen, but the functions run on.
    watcher.on("error", () => undefined);
    await new Promise<void>((resolve) => watcher.once("ready", resolve));
    return watcher;
  }
}
