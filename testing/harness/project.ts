import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of files that a test can edit. */
export class Project {
  readonly root = mkdtempSync(join(tmpdir(), "kvasir-functions-"));

  constructor(files: Record<string, string | Uint8Array> = {}) {
    this.write(files);
  }

  write(files: Record<string, string | Uint8Array>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
