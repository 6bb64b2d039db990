// The part of `npm run check` that looks at what is published and at how the rooms depend on each other:
// publint and are-the-types-wrong on each package, the size of @kvasir/client, and the way of imports.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = ["client", "store", "kvasir"];
/** Minified bytes of what people put into Workers and web pages: all of @kvasir/client, all recipes, and one thing of each. */
const CLIENT_BUDGETS = [
  { what: "all of it", source: 'export * from "@kvasir/client"', bytesMax: 48_000 },
  { what: "all recipes", source: 'export * from "@kvasir/client/recipes"', bytesMax: 90_000 },
  // Of which 3,000 are what every recipe has: time limits, outages, options that are checked. The aim is 12,000.
  { what: "a rate limit", source: 'export { rateLimit } from "@kvasir/client/recipes"', bytesMax: 13_500 },
  { what: "connect alone", source: 'export { connect } from "@kvasir/client"', bytesMax: 24_000 },
];

/**
 * Imports point one way only. `http` is what a dialect is written with; `api-server.ts` puts both together, and a
 * request goes `http -> dialect -> namespace -> store`. For each room, the rooms that it may import from.
 */
const ROOMS = [
  { room: "packages/client/src", mayImport: [] },
  { room: "packages/store/src/store", mayImport: ["packages/client/src"] },
  { room: "packages/store/src/rules", mayImport: ["packages/client/src", "packages/store/src/store"] },
  { room: "packages/store/src/engines/lmdb", mayImport: ["packages/client/src", "packages/store/src/store"] },
  { room: "packages/store/src/layers", mayImport: ["packages/client/src", "packages/store/src/store"] },
  {
    room: "packages/store/src",
    mayImport: [
      "packages/client/src",
      "packages/store/src/store",
      "packages/store/src/rules",
      "packages/store/src/engines/lmdb",
      "packages/store/src/layers",
    ],
  },
  // Its wire has two ends in this repository: the other one is in workerd.
  {
    room: "packages/kvasir/src/dialects/binding",
    mayImport: [
      "packages/client/src",
      "packages/store/src",
      "packages/kvasir/src/http",
      "packages/kvasir/src/dialects",
    ],
  },
  {
    room: "packages/kvasir/src/functions/runtime",
    mayImport: [
      "packages/client/src",
      "packages/kvasir/src/functions",
      "packages/kvasir/src/dialects/binding",
    ],
  },
  {
    room: "packages/kvasir/src/dialects",
    mayImport: ["packages/client/src", "packages/store/src", "packages/kvasir/src/http"],
  },
  { room: "packages/kvasir/src/http", mayImport: ["packages/client/src", "packages/store/src"] },
  {
    room: "packages/kvasir/src/functions",
    mayImport: ["packages/client/src", "packages/store/src", "packages/kvasir/src/http"],
  },
];
/** Only the file that opens a database chooses an engine; nothing else above the engine knows which it is. */
const ENGINE = "packages/store/src/engines/lmdb";
const ENGINE_IMPORTERS = ["packages/store/src/open.ts"];

const problems = [];
await checkShapes();
await checkClientSize();
await checkImports();
if (problems.length > 0) {
  for (const problem of problems) console.error(`error: ${problem}`);
  process.exit(1);
}

async function checkShapes() {
  const folder = await mkdtemp(join(tmpdir(), "kvasir-pack-"));
  try {
    for (const name of PACKAGES) {
      const pkgDir = join(ROOT, "packages", name);
      const { messages, pkg } = await publint({ pkgDir, strict: true });
      for (const message of messages) problems.push(`publint: ${pkg.name}: ${formatMessage(message, pkg)}`);
      await checkTypes(pkgDir, pkg.name, folder);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkTypes(pkgDir, name, folder) {
  const run = promisify(execFile);
  try {
    const packed = await run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], {
      cwd: pkgDir,
    });
    const [{ filename, size, entryCount }] = JSON.parse(packed.stdout);
    const attw = join(ROOT, "node_modules/.bin/attw");
    await run(attw, [join(folder, filename), "--profile", "esm-only", "--format", "ascii", "--no-color"]);
    console.log(`${name}: ${entryCount} files, ${kib(size)} packed; publint and types are right`);
  } catch (error) {
    problems.push(`${name}: ${`${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message}`);
  }
}

async function checkClientSize() {
  for (const { what, source, bytesMax } of CLIENT_BUDGETS) {
    const result = await build({
      stdin: { contents: source, resolveDir: ROOT },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      write: false,
    });
    const [{ contents }] = result.outputFiles;
    const sizes = `${kib(contents.length)} minified, ${kib(gzipSync(contents).length)} compressed`;
    console.log(`@kvasir/client, ${what}: ${sizes}, of ${kib(bytesMax)}`);
    if (contents.length > bytesMax) {
      problems.push(`@kvasir/client, ${what}, has ${contents.length} bytes minified, more than ${bytesMax}.`);
    }
  }
}

async function checkImports() {
  let files = 0;
  for (const name of PACKAGES) {
    for (const file of await sourcesIn(join(ROOT, "packages", name, "src"))) {
      files++;
      for (const target of await importsOf(file)) checkImport(relative(ROOT, file), target);
    }
  }
  console.log(`imports of ${files} files point http -> dialect -> namespace -> store`);
}

function checkImport(file, target) {
  const from = roomOf(file);
  const to = roomOf(target);
  if (to?.room === ENGINE && from?.room !== ENGINE && !ENGINE_IMPORTERS.includes(file)) {
    problems.push(`${file} imports ${target}: only ${ENGINE_IMPORTERS.join(", ")} chooses an engine.`);
  }
  const allowed = from === undefined || from === to || (to !== undefined && from.mayImport.includes(to.room));
  const isProgram = from !== undefined && to === undefined && target.startsWith("packages/");
  // events.ts and version.ts at the program's root belong to every room of it.
  const shared = /^packages\/kvasir\/src\/(events|version)\.[jt]s$/.test(target);
  if (!allowed && !shared) {
    problems.push(
      `${file} imports ${target}, which ${isProgram ? "is the program's" : "lies against the way of a request"}.`,
    );
  }
}

/** The most exact room that a path belongs to. */
function roomOf(path) {
  return ROOMS.filter(({ room }) => path.startsWith(`${room}/`)).sort(
    (a, b) => b.room.length - a.room.length,
  )[0];
}

async function importsOf(file) {
  const text = await readFile(file, "utf8");
  const specifiers = text.matchAll(/^(?:import|export)\b[^"';]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gms);
  return [...specifiers].flatMap(([, fixed, lazy]) => resolveSpecifier(file, fixed ?? lazy));
}

function resolveSpecifier(file, specifier) {
  if (specifier.startsWith("."))
    return [
      relative(ROOT, resolve(dirname(file), specifier))
        .split(sep)
        .join("/"),
    ];
  const [, name, subpath = ""] = /^@kvasir\/(client|store)(\/.+)?$/.exec(specifier) ?? [];
  return name === undefined ? [] : [`packages/${name}/src${subpath}/index.ts`];
}

async function sourcesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
