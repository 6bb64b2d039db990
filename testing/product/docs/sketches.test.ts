import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDocument } from "../../cli/document.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGES = join(ROOT, "docs/extending");
const sketches = readdirSync(PAGES)
  .flatMap((page) => parseDocument(readFileSync(join(PAGES, page), "utf8")).files)
  .filter(({ name }) => name.startsWith("packages/"));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-sketches-"));
  for (const { name, content } of sketches) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const packages of ["node_modules", "packages/kvasir/node_modules"]) {
    symlinkSync(join(ROOT, packages), join(folder, packages));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Each compiles at the place in the repository that its page names, against the code as it is.
test.each(["client", "store", "kvasir"])("the sketches for packages/%s compile", async (name) => {
  const files = sketches.map((sketch) => sketch.name).filter((path) => path.startsWith(`packages/${name}/`));
  expect(files).not.toEqual([]);
  const project = join(folder, `tsconfig.${name}.json`);
  const compilerOptions = {
    rootDir: parse(ROOT).root,
    rootDirs: [folder, ROOT],
    noEmit: true,
    composite: false,
    declaration: false,
    sourceMap: false,
  };
  const inherited = join(ROOT, "packages", name, "tsconfig.json");
  writeFileSync(project, JSON.stringify({ extends: inherited, compilerOptions, files, include: [] }));
  await expect(complaints(project)).resolves.toBe("");
});

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
