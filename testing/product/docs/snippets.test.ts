import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { NODE_MODULES, ROOT } from "../../harness/checkout.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { AMBIENT, LEFT_OUT, PREAMBLES } from "./snippet-context.js";
import { type Snippet, snippetsOf } from "./snippets.js";

const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...pagesIn("docs"), ...pagesIn("packages")];
for (const folder of ["sdks", "testing", "bench", "examples"]) PAGES.push(...pagesIn(folder));

const snippets = PAGES.flatMap((page) => snippetsOf(page, readFileSync(join(ROOT, page), "utf8")));
const isLeftOut = ({ page, name, code }: Snippet) =>
  LEFT_OUT.some((left) => page.startsWith(left.page) && (name ?? code).startsWith(left.begins));

test("all code of the documents compiles in strict TypeScript", { timeout: 120_000 }, async () => {
  const folder = temporaryDirectory();
  symlinkSync(NODE_MODULES, join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const files = snippets.filter((snippet) => !isLeftOut(snippet)).map(fileOf);
  expect(files.length).toBeGreaterThan(40);
  for (const { path, code } of [...files, { path: "ambient.d.ts", code: AMBIENT }]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(PROJECT));
  expect(await complaints(folder)).toEqual([]);
});

test("what is left out is in the documents", () => {
  const absent = LEFT_OUT.filter(
    ({ page, begins }) =>
      !snippets.some((one) => one.page.startsWith(page) && (one.name ?? one.code).startsWith(begins)),
  );
  expect(absent).toEqual([]);
});

test("what is declared for a page is for fragments of that page", () => {
  const pages = new Set(snippets.filter(({ name }) => name === undefined).map(({ page }) => page));
  expect(Object.keys(PREAMBLES).filter((page) => !pages.has(page))).toEqual([]);
});

const PROJECT = {
  compilerOptions: {
    strict: true,
    // JavaScript has no place to say what a parameter is, or what is caught.
    noImplicitAny: false,
    useUnknownInCatchVariables: false,
    noEmit: true,
    skipLibCheck: true,
    target: "ES2022",
    lib: ["ES2023", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "NodeNext",
    types: ["node"],
    jsx: "preserve",
  },
  include: ["."],
};

/** A module with the snippet. A Worker gets the types that its runtime passes; a fragment gets its page's context. */
function fileOf({ page, line, language, name, code }: Snippet): { path: string; code: string } {
  const typed = language === "js" ? code.replace(/^export default \{/m, "export default <Handlers>{") : code;
  const file = (name ?? `line-${line}.ts`).replace(/\.(m?)js$/, ".$1ts");
  const preamble = name === undefined ? (PREAMBLES[page] ?? "") : "";
  // On one line, so that a complaint names the line of the snippet.
  return { path: join(page, name === undefined ? "" : "files", file), code: `${preamble.replaceAll("\n", " ")} ${typed}\nexport {};` };
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith(".md") && !/node_modules|\/animals\//.test(path));
}

/** What the compiler says, a line each. */
async function complaints(folder: string): Promise<string[]> {
  const tsc = join(NODE_MODULES, "typescript/bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [tsc, "-p", folder, "--pretty", "false"]);
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split("\n");
  }
}
