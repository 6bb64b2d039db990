import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory that is removed at the end of the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "kvasir-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A temporary directory with these files in it. */
export function temporaryProject(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}
