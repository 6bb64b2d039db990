import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";

/** A page, so that people read it. */
const DESIGN_LINES_MAX = 70;

const PACKAGES = ["packages/client", "packages/store", "packages/kvasir"];
const PAGES = [
  "CONTRIBUTING.md",
  "docs/architecture.md",
  "docs/internals.md",
  ...readdirSync(join(ROOT, "docs/extending")).map((name) => `docs/extending/${name}`),
  ...[...PACKAGES, "sdks/python", "sdks/go"].map((folder) => `${folder}/README.md`),
];
const DESIGN_PAGES = PACKAGES.flatMap((folder) => [folder, ...foldersIn(`${folder}/src`)])
  .map((folder) => `${folder}/DESIGN.md`)
  .filter((page) => existsSync(join(ROOT, page)));

const read = (page: string) => readFileSync(join(ROOT, page), "utf8");

test.each(PAGES)("the files and folders that %s names exist", (page) => {
  const named = [...read(page).matchAll(/`((?:packages|testing|scripts|bench|sdks|docs)\/[^`\s*]*)`/g)];
  const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)));
  expect(missing).toEqual([]);
});

test.each(["docs/architecture.md", "docs/internals.md"])("%s names many files and folders", (page) => {
  expect([...read(page).matchAll(/`packages\/[^`\s]+`/g)].length).toBeGreaterThan(20);
});

test("docs/architecture.md names every room that the check of imports knows", () => {
  const rooms = [
    ...read("scripts/check-imports.js").matchAll(/^ {2}"(packages\/\w+\/(?:src\/[^"]+|runtime))": /gm),
  ];
  const text = read("docs/architecture.md");
  const unnamed = rooms.map(([, room = ""]) => room).filter((room) => !names(text, room));
  expect(rooms.length).toBeGreaterThan(20);
  expect(unnamed).toEqual([]);
});

test("every page about extending is linked from CONTRIBUTING.md", () => {
  const linked = [...read("CONTRIBUTING.md").matchAll(/\]\((docs\/extending\/[^)]+)\)/g)].map(
    ([, page]) => page,
  );
  expect(linked.sort()).toEqual(PAGES.filter((page) => page.startsWith("docs/extending/")).sort());
});

describe.each(DESIGN_PAGES)("%s", (page) => {
  test(`has at most ${DESIGN_LINES_MAX} lines`, () => {
    expect(read(page).trimEnd().split("\n").length).toBeLessThanOrEqual(DESIGN_LINES_MAX);
  });

  test("names files that exist, from its folder, its package or the repository", () => {
    const folder = dirname(page);
    const places = [folder, ...PACKAGES.filter((name) => folder.startsWith(name)), ""];
    const named = [...read(page).matchAll(/`([\w./-]+\.(?:ts|py|go|js))`/g)].map(([, path = ""]) => path);
    const missing = named.filter((path) => !places.some((place) => existsSync(join(ROOT, place, path))));
    expect(missing).toEqual([]);
  });
});

/** Whether a text names a folder, or names it after the folder that it is in: "`src/functions/` … `host/`". */
function names(text: string, folder: string): boolean {
  if (text.includes(`\`${folder}/\``)) return true;
  const line = text.split("\n").find((row) => row.includes(`\`${dirname(folder)}/\``));
  return line?.includes(`\`${basename(folder)}/\``) ?? false;
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)));
}
