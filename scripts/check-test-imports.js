// The part of `npm run check` that holds the imports of tests and of the benchmark to CONTRIBUTING.md: what a package
// publishes is imported by the package's name, relative imports end in `.js`, and folders import one way only.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { importStatements } from "./import-statements.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { dirname, join, normalize } = posix;

/** For each folder, the folders whose files it may import besides its own. Every test may import the harness. */
const FOLDERS = {
  "testing/harness": [],
  "testing/conformance": ["testing/harness", "scripts"],
  "testing/server": ["testing/harness"],
  "testing/functions": ["testing/harness"],
  "testing/recipes": ["testing/harness", "bench/src/fixtures"],
  "testing/faults": ["testing/harness"],
  "testing/product": ["testing/harness", "bench/src/core", "bench/src/report"],
  packages: ["testing/harness", "testing/conformance/vectors"],
  "bench/src/core": [],
  "bench/src/report": ["bench/src/core"],
  "bench/src/load": ["bench/src/core"],
  "bench/src/peers": ["bench/src/core", "bench/src/load"],
  "bench/src/fixtures": ["bench/src/core", "bench/src/load", "bench/src/peers"],
  "bench/src/scenarios": ["bench/src/core", "bench/src/load", "bench/src/peers", "bench/src/fixtures"],
  "bench/src": ["bench/src/core", "bench/src/report", "bench/src/scenarios"],
};

const packages = ["client", "store", "kvasir"].map((folder) => {
  const manifest = JSON.parse(read(`packages/${folder}/package.json`));
  const faces = Object.values(manifest.exports).map(({ default: built }) =>
    normalize(join("packages", folder, built.replace(/dist(\/library)?/, "src").replace(/\.js$/, ".ts"))),
  );
  return { name: manifest.name, folder: `packages/${folder}/`, published: new Set(faces.flatMap(exportsOf)) };
});

const problems = [];
const files = filesOf("testing", "bench/src", "packages").filter(
  (file) => (!file.startsWith("packages/") || file.endsWith(".test.ts")) && !isProjectOfTheZoo(file),
);
for (const file of files) for (const one of importsOf(file)) check(file, one);
for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`imports of ${files.length} files of tests and benchmark are written one way`);

/** Projects of the zoo import as strangers do. */
function isProjectOfTheZoo(file) {
  return file.startsWith("testing/product/zoo/animals/") && !file.endsWith("/visit.ts");
}

function check(file, { names, specifier }) {
  if (!specifier.startsWith(".")) return;
  if (!/\.(js|json|mjs)$/.test(specifier))
    problems.push(`${file} imports "${specifier}": write .js at the end.`);
  const target = normalize(join(dirname(file), specifier));
  const from = folderOf(file);
  const to = folderOf(target);
  const allowed = FOLDERS[from].some((folder) => target.startsWith(`${folder}/`));
  if (from !== to && to !== "packages" && !allowed) {
    problems.push(
      `${file} imports ${target}: ${from} may import ${FOLDERS[from].join(", ") || "no other folder"}.`,
    );
  }
  for (const { name, folder, published } of packages) {
    if (!target.startsWith(folder) || file.startsWith(folder)) continue;
    for (const one of names.filter((each) => published.has(each))) {
      problems.push(`${file} imports ${one} from ${target}: write from "${name}", which publishes it.`);
    }
  }
}

/** The most exact folder that a path belongs to. */
function folderOf(path) {
  return Object.keys(FOLDERS)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** The names that a module exports, with those that it hands on. */
function exportsOf(file) {
  const source = read(file);
  const own = [...source.matchAll(/^export (?:declare )?(?:async )?(?:abstract )?\w+ (\w+)/gm)].map(
    ([, name]) => name,
  );
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gms)].flatMap(([, list]) =>
    namesIn(list, "export"),
  );
  const handedOn = [...source.matchAll(/^export \* from "(\.[^"]+)"/gm)].flatMap(([, specifier]) =>
    exportsOf(join(dirname(file), specifier.replace(/\.js$/, ".ts"))),
  );
  return [...own, ...lists, ...handedOn];
}

function importsOf(file) {
  return importStatements(read(file))
    .filter(({ what }) => what !== undefined)
    .map(({ what, specifier }) => ({
      names: namesIn(/\{([^}]*)\}/s.exec(what)?.[1] ?? "", "import"),
      specifier,
    }));
}

/** Of the list in `import { type A, b as c }` or `export { … }`: the names that the exporting module shows. */
function namesIn(list, side) {
  return list
    .split(",")
    .map((name) =>
      name
        .trim()
        .replace(/^type /, "")
        .split(" as ")
        .at(side === "import" ? 0 : -1),
    )
    .filter((name) => name !== "");
}

function filesOf(...folders) {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...folders], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return listed.split("\n").filter((file) => /\.(ts|mjs)$/.test(file) && existsSync(join(ROOT, file)));
}

function read(file) {
  return readFileSync(join(ROOT, file), "utf8");
}
