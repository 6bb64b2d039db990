import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The directories and processes of a piece of work. They are released in reverse order when it ends, even if
 * it fails.
 */
export class Workspace {
  static readonly #open = new Set<Workspace>();
  readonly #releases: (() => Promise<unknown>)[] = [];

  /** Runs `work` with a workspace of its own. */
  static async use<Result>(work: (workspace: Workspace) => Promise<Result>): Promise<Result> {
    const workspace = new Workspace();
    Workspace.#open.add(workspace);
    try {
      return await work(workspace);
    } finally {
      await workspace.#release();
      Workspace.#open.delete(workspace);
    }
  }

  /** Releases all open workspaces, the newest first. Called when the run is interrupted. */
  static async releaseAll(): Promise<void> {
    for (const workspace of [...Workspace.#open].reverse()) await workspace.#release();
  }

  /** A directory on the disk of the temporary folder (`TMPDIR` chooses another). */
  directory(name: string): Promise<string> {
    return this.directoryIn(tmpdir(), name);
  }

  async directoryIn(parent: string, name = "copy"): Promise<string> {
    const path = await mkdtemp(join(parent, `kvasir-bench-${name}-`));
    this.onRelease(() => rm(path, { recursive: true, force: true, maxRetries: 3 }));
    return path;
  }

  onRelease(release: () => Promise<unknown>): void {
    this.#releases.push(release);
  }

  async #release(): Promise<void> {
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      await release();
    }
  }
}
