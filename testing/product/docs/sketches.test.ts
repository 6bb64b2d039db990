import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { parseDocument } from "./document.js";

const PAGES = join(ROOT, "docs/extending");
const sketches = readdirSync(PAGES).flatMap(
  (page) => parseDocument(readFileSync(join(PAGES, page), "utf8")).files,
);

// Each compiles at the place in the repository that its page names, against the code as it is.
test.each(["packages/client", "packages/store", "packages/kvasir"])(
  "the sketches for %s compile",
  async (place) => {
    const files = sketches.filter(({ name }) => name.startsWith(`${place}/`));
    expect(files).not.toEqual([]);
    const folder = temporaryDirectory();
    for (const { name, content } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    symlinkSync(join(ROOT, place, "node_modules"), join(folder, place, "node_modules"));
    const project = join(folder, "tsconfig.json");
    const compilerOptions = {
      rootDir: parse(ROOT).root,
      // A relative import that the folder does not have is looked up in the repository.
      rootDirs: [folder, ROOT],
      noEmit: true,
      composite: false,
      declaration: false,
    };
    const config = { extends: join(ROOT, place, "tsconfig.json"), compilerOptions, include: ["packages"] };
    writeFileSync(project, JSON.stringify(config));
    expect(await complaints(project)).toBe("");
  },
);

/** What the compiler says. */
async function complaints(project: string): Promise<string> {
  try {
    await promisify(execFile)(process.execPath, [
      join(ROOT, "node_modules/typescript/bin/tsc"),
      "-p",
      project,
    ]);
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
