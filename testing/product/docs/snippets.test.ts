import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { NODE_MODULES, ROOT } from "../../harness/checkout.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { AMBIENT, IN_TYPESCRIPT, LEFT_OUT, PREAMBLES } from "./snippet-context.js";
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
  writeFileSync(join(folder, "ambient.d.ts"), AMBIENT);
  for (const { path, code } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  const typed = files.filter(({ language }) => language === "ts").map(({ path }) => path);
  expect(typed).not.toEqual([]);
  expect(await complaints(folder, { compilerOptions: STRICT, files: ["ambient.d.ts", ...typed] })).toEqual(
    [],
  );
  expect(await complaints(folder, { compilerOptions: { ...STRICT, ...JAVASCRIPT } })).toEqual([]);
});

test("what is left out is in the documents", () => {
  const absent = LEFT_OUT.filter(
    ({ page, begins }) =>
      !snippets.some((one) => one.page.startsWith(page) && (one.name ?? one.code).startsWith(begins)),
  );
  expect(absent).toEqual([]);
});

test("what is declared for a page is for code of that page", () => {
  const contexts = new Set(snippets.map(contextOf));
  expect(Object.keys(PREAMBLES).filter((context) => !contexts.has(context))).toEqual([]);
  const unused = IN_TYPESCRIPT.filter(
    ({ page, from }) => !snippets.some((one) => one.page === page && one.code.includes(from)),
  );
  expect(unused).toEqual([]);
});

const STRICT = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: "ES2022",
  lib: ["ES2023", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
  module: "NodeNext",
  types: ["node"],
};
/** JavaScript has no place to say what a parameter is, or what is caught. Everything else is strict there, too. */
const JAVASCRIPT = { noImplicitAny: false, useUnknownInCatchVariables: false };

/** A module with the snippet, in which its page's context comes first. */
function fileOf({ page, line, language, name, code }: Snippet) {
  const typed = language === "ts" ? code : typedAs(page, code);
  // On one line, so that a complaint names the line of the snippet.
  const preamble = (PREAMBLES[contextOf({ page, name })] ?? "").replaceAll(/\s+/g, " ");
  const path = name === undefined ? `line-${line}.ts` : `files/${name.replace(/\.(m?)js$/, ".$1ts")}`;
  return { language, path: join(page, path), code: `${preamble} ${typed}\nexport {};` };
}

/** JavaScript with the types that a Worker's runtime passes, and those that its page names. */
function typedAs(page: string, code: string): string {
  const typed = IN_TYPESCRIPT.filter((one) => one.page === page).reduce(
    (text, { from, to }) => text.replaceAll(from, to),
    code,
  );
  return typed.replace(/^export default \{(?=\n {2}(async )?fetch\b)/m, "export default <Handlers>{");
}

function contextOf({ page, name }: Pick<Snippet, "page" | "name">): string {
  return name === undefined ? page : `${page}#${name}`;
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith(".md") && !/node_modules|\/animals\//.test(path));
}

/** What the compiler says, a line each. */
async function complaints(folder: string, project: object): Promise<string[]> {
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const tsc = join(NODE_MODULES, "typescript/bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [tsc, "-p", folder, "--pretty", "false"]);
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split("\n");
  }
}
