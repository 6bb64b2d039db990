import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileWatcher } from "./file-watcher.js";

let folder: string;
let watcher: FileWatcher;
let next: (paths: string[]) => void = () => {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-watch-"));
  watcher = new FileWatcher({
    onChange: (paths) => next([...paths].map((path) => path.slice(folder.length + 1)).sort()),
    onRefused: (error) => {
      throw error;
    },
  });
});
afterEach(() => {
  watcher.close();
  rmSync(folder, { recursive: true });
});

const path = (name: string) => join(folder, name);
const changed = () =>
  new Promise<string[]>((resolve) => {
    next = resolve;
  });

describe("FileWatcher", () => {
  it("sees edits, replacements, files that appear and files that go away", async () => {
    writeFileSync(path("a"), "1");
    watcher.watch([path("a"), path("b")], Date.now() + 60_000);
    const steps: readonly (readonly [() => void, string])[] = [
      [() => writeFileSync(path("a"), "2"), "a"],
      [() => writeFileSync(path("b"), "new"), "b"],
      [() => rmSync(path("b")), "b"],
      [
        () => {
          writeFileSync(path("a.tmp"), "3");
          renameSync(path("a.tmp"), path("a"));
        },
        "a",
      ],
    ];
    for (const [step, name] of steps) {
      const change = changed();
      step();
      expect(await change).toEqual([name]);
    }
  });

  it("reports files at once that came together, and nothing of their neighbours", async () => {
    watcher.watch([path("a"), path("b")], Date.now() + 60_000);
    const change = changed();
    writeFileSync(path("neighbour"), "");
    writeFileSync(path("a"), "");
    writeFileSync(path("b"), "");
    expect(await change).toEqual(["a", "b"]);
  });

  it("reports what changed between the reading and the watching", async () => {
    writeFileSync(path("old"), "");
    utimesSync(path("old"), 1000, 1000);
    writeFileSync(path("edited"), "");
    utimesSync(path("edited"), 3000, 3000);
    const change = changed();
    watcher.watch([path("old"), path("edited")], 2_000_000);
    expect(await change).toEqual(["edited"]);
  });
});
