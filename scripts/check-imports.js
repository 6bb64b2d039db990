// The part of `npm run check` that holds the rooms of the house apart. docs/architecture.md says why each room is there.
//
// Two folders never import each other, types included. A folder and its own subfolders count as one.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = ["client", "store", "kvasir"];

/** Pairs of folders that still import each other. The list only shrinks. */
const MUTUAL_EXCEPTIONS = [
  "packages/kvasir/src/api <-> packages/kvasir/src/http",
  "packages/kvasir/src/api/auth <-> packages/kvasir/src/http",
];

const problems = [];
const files = await sources();
const imports = new Map();
for (const file of files) imports.set(file, await importsOf(file));
checkFolders();
for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`imports of ${files.length} files: no two folders import each other`);

function checkFolders() {
  const edges = new Map();
  for (const [file, targets] of imports) {
    for (const target of targets) {
      const edge = `${dirname(file)} -> ${dirname(target)}`;
      if (!edges.has(edge)) edges.set(edge, `${file} imports ${target}`);
    }
  }
  const excused = new Set(MUTUAL_EXCEPTIONS);
  for (const [edge, example] of edges) {
    const [from, to] = edge.split(" -> ");
    const back = edges.get(`${to} -> ${from}`);
    if (from >= to || isNested(from, to) || back === undefined) continue;
    if (!excused.delete(`${from} <-> ${to}`)) {
      problems.push(`${from} and ${to} import each other: ${example}, and ${back}.`);
    }
  }
  for (const pair of excused) problems.push(`${pair} no longer import each other: take them off the list.`);
}

function isNested(a, b) {
  return a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

async function importsOf(file) {
  const text = await readFile(join(ROOT, file), "utf8");
  const specifiers = text.matchAll(/^(?:import|export)\b[^"';]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gms);
  return [...specifiers].flatMap(([, fixed, lazy]) => resolveSpecifier(file, fixed ?? lazy));
}

function resolveSpecifier(file, specifier) {
  if (specifier.startsWith(".")) {
    const path = relative(ROOT, resolve(ROOT, dirname(file), specifier));
    return [path.split(sep).join("/").replace(/\.js$/, ".ts")];
  }
  const [, name, subpath = ""] = /^@kvasir\/(client|store)(\/.+)?$/.exec(specifier) ?? [];
  return name === undefined ? [] : [`packages/${name}/src${subpath}/index.ts`];
}

async function sources() {
  const found = [];
  for (const name of PACKAGES) {
    const entries = await readdir(join(ROOT, "packages", name, "src"), {
      recursive: true,
      withFileTypes: true,
    });
    for (const entry of entries) {
      if (!entry.isFile() || !/(?<!\.test)\.ts$/.test(entry.name)) continue;
      found.push(
        relative(ROOT, join(entry.parentPath ?? entry.path, entry.name))
          .split(sep)
          .join("/"),
      );
    }
  }
  return found.sort();
}
