import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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
    watcher.watch({ files: [path("a"), path("b")] }, Date.now() + 60_000);
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
    watcher.watch({ files: [path("a"), path("b")] }, Date.now() + 60_000);
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
    watcher.watch({ files: [path("old"), path("edited")] }, 2_000_000);
    expect(await change).toEqual(["edited"]);
  });

  /** Does one step after another, and waits for the changes of each, which may come in several parts. */
  async function expectChanges(steps: readonly (readonly [() => void, string[]])[]): Promise<void> {
    for (const [step, names] of steps) {
      const missing = new Set(names);
      const all = new Promise<void>((resolve) => {
        next = (paths) => {
          for (const path of paths) {
            missing.delete(path);
            expect(path).not.toContain("ignored");
          }
          if (missing.size === 0) resolve();
        };
      });
      step();
      await all;
    }
  }
  const later = () => Date.now() + 60_000;

  it("sees a file in folders that are made, removed, and made again", async () => {
    watcher.watch({ files: [path("gen/deep/a"), path("gen/b")] }, later());
    const make = () => {
      mkdirSync(path("gen/deep"), { recursive: true });
      writeFileSync(path("gen/deep/a"), "1");
      writeFileSync(path("gen/b"), "1");
    };
    await expectChanges([
      [make, ["gen/b", "gen/deep/a"]],
      [() => rmSync(path("gen"), { recursive: true }), ["gen/b", "gen/deep/a"]],
      [make, ["gen/b", "gen/deep/a"]],
      [() => writeFileSync(path("gen/deep/a"), "2"), ["gen/deep/a"]],
      [
        () => {
          rmSync(path("gen"), { recursive: true });
          make();
        },
        ["gen/b", "gen/deep/a"],
      ],
      [() => writeFileSync(path("gen/b"), "3"), ["gen/b"]],
    ]);
  });

  it("sees a folder above that is renamed away, and another one in its place", async () => {
    mkdirSync(path("top/gen/deep"), { recursive: true });
    writeFileSync(path("top/gen/deep/a"), "1");
    watcher.watch({ files: [path("top/config"), path("top/gen/deep/a")] }, later());
    await expectChanges([
      [() => renameSync(path("top/gen"), path("top/old")), ["top/gen/deep/a"]],
      [() => renameSync(path("top/old"), path("top/gen")), ["top/gen/deep/a"]],
      [() => writeFileSync(path("top/gen/deep/a"), "22"), ["top/gen/deep/a"]],
    ]);
  });

  it("sees the target of a link, through links to links, and a link that leads elsewhere", async () => {
    for (const name of ["one", "two", "links"]) mkdirSync(path(name));
    writeFileSync(path("one/vars"), "1");
    writeFileSync(path("two/vars"), "2");
    symlinkSync("../one/vars", path("links/between"));
    symlinkSync("links/between", path(".dev.vars"));
    watcher.watch({ files: [path(".dev.vars")] }, later());
    await expectChanges([
      [() => writeFileSync(path("one/vars"), "1b"), [".dev.vars"]],
      [() => rmSync(path("one/vars")), [".dev.vars"]],
      [() => writeFileSync(path("one/vars"), "1c"), [".dev.vars"]],
      [
        () => {
          unlinkSync(path("links/between"));
          symlinkSync("../two/vars", path("links/between"));
        },
        [".dev.vars"],
      ],
      [() => writeFileSync(path("two/vars"), "2b"), [".dev.vars"]],
      [
        () => {
          writeFileSync(path("new"), "3");
          symlinkSync("new", path("fresh"));
          renameSync(path("fresh"), path(".dev.vars"));
        },
        [".dev.vars"],
      ],
      [() => writeFileSync(path("new"), "3b"), [".dev.vars"]],
    ]);
  });

  it("sees files through a folder that is a link, and a package that is linked anew", async () => {
    for (const version of ["1", "2"]) {
      mkdirSync(path(`store/p@${version}`), { recursive: true });
      writeFileSync(path(`store/p@${version}/package.json`), version);
    }
    mkdirSync(path("node_modules"));
    symlinkSync("../store/p@1", path("node_modules/p"));
    watcher.watch({ files: [path("package.json"), path("node_modules/p/package.json")] }, later());
    await expectChanges([
      [() => writeFileSync(path("store/p@1/package.json"), "1b"), ["node_modules/p/package.json"]],
      [
        () => {
          unlinkSync(path("node_modules/p"));
          symlinkSync("../store/p@2", path("node_modules/p"));
        },
        ["node_modules/p/package.json"],
      ],
      [() => writeFileSync(path("store/p@2/package.json"), "2b"), ["node_modules/p/package.json"]],
    ]);
  });

  it("sees each file in a tree, new ones and those in new folders too, but no packages", async () => {
    mkdirSync(path("src/deep"), { recursive: true });
    writeFileSync(path("src/deep/a"), "1");
    watcher.watch({ files: [], trees: [path("src")] }, later());
    await expectChanges([
      [() => writeFileSync(path("src/deep/a"), "2"), ["src/deep/a"]],
      [() => writeFileSync(path("src/new"), "1"), ["src/new"]],
      [
        () => {
          mkdirSync(path("src/more/node_modules"), { recursive: true });
          writeFileSync(path("src/more/node_modules/ignored"), "");
          writeFileSync(path("src/more/b"), "1");
        },
        ["src/more/b"],
      ],
      [() => writeFileSync(path("src/more/b"), "22"), ["src/more/b"]],
      [() => rmSync(path("src/more"), { recursive: true }), ["src/more/b"]],
      [() => rmSync(path("src/new")), ["src/new"]],
    ]);
  });
});
