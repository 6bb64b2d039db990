import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a scenario leaves behind, released in reverse order when it ends, also when it fails. */
export class Workspace {
  readonly #releases: (() => Promise<unknown>)[] = [];

  /** A directory of its own on the disk of the temporary folder (`TMPDIR` chooses another). */
  directory(name: string): Promise<string> {
    return this.directoryIn(tmpdir(), name);
  }

  async directoryIn(parent: string, name = "copy"): Promise<string> {
    const path = await mkdtemp(join(parent, `kvasir-bench-${name}-`));
    this.onRelease(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  onRelease(release: () => Promise<unknown>): void {
    this.#releases.push(release);
  }

  async release(): Promise<void> {
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      await release();
    }
  }
}
