// The part of `npm run check` that keeps the rooms of the house apart. docs/architecture.md says why each room exists.
//
// - Every source folder belongs to a room. A room imports only from the rooms that it names, types included.
// - Two folders never import each other, types included, nor does a folder and one inside it.
// - No file imports itself through others.
// - Only the files in ENGINE_IMPORTERS choose a store engine.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { importStatements } from "./import-statements.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** For each room, the rooms that it imports from. A room without an entry here is an error. */
const ROOMS = {
  // The contract of a namespace, and what reaches one over HTTP.
  "packages/client/src/namespace": [],
  "packages/client/src/http": ["packages/client/src/namespace"],
  "packages/client/src/typed": ["packages/client/src/namespace"],
  "packages/client/src/recipes": ["packages/client/src/namespace", "packages/client/src/typed"],
  // index.ts and connect.ts.
  "packages/client/src": [
    "packages/client/src/http",
    "packages/client/src/namespace",
    "packages/client/src/typed",
  ],

  // The store: its interface, the rules of Workers KV above it, engines and layers below.
  "packages/store/src/store": ["packages/client/src/namespace"],
  "packages/store/src/rules": ["packages/client/src/namespace", "packages/store/src/store"],
  "packages/store/src/engines": [
    "packages/client/src/namespace",
    "packages/store/src/backup",
    "packages/store/src/engines/cluster",
    "packages/store/src/engines/lmdb",
    "packages/store/src/store",
  ],
  "packages/store/src/engines/cluster": ["packages/client/src/namespace", "packages/store/src/store"],
  "packages/store/src/engines/lmdb": [
    "packages/client/src/namespace",
    "packages/store/src/backup",
    "packages/store/src/store",
  ],
  "packages/store/src/layers/simulated": ["packages/client/src/namespace", "packages/store/src/store"],
  // Copies of a store's data as files.
  "packages/store/src/backup": ["packages/client/src/namespace", "packages/store/src/store"],
  // Entries on their way in and out.
  "packages/store/src/transfer": [
    "packages/client/src/namespace",
    "packages/store/src/rules",
    "packages/store/src/store",
  ],
  // index.ts, open.ts and database.ts.
  "packages/store/src": [
    "packages/client/src/namespace",
    "packages/store/src/backup",
    "packages/store/src/engines",
    "packages/store/src/layers/simulated",
    "packages/store/src/rules",
    "packages/store/src/store",
    "packages/store/src/transfer",
  ],

  // Shared by all rooms of the program; they import none of them.
  "packages/kvasir/src/wire": [],
  "packages/kvasir/src/events": [],
  "packages/kvasir/src/measures": ["packages/kvasir/src/wire"],
  "packages/kvasir/src/package": [],
  "packages/kvasir/src/failure": ["packages/client/src/namespace"],
  "packages/kvasir/src/terminal": ["packages/kvasir/src/events"],

  // What functions keep outside the namespaces and may lose: cached responses, rate limit counters.
  "packages/kvasir/src/transient": ["packages/client/src/namespace", "packages/store/src"],

  // The way of a request: http -> api -> dialect -> namespace -> store.
  "packages/kvasir/src/http": ["packages/client/src/namespace", "packages/kvasir/src/events"],
  "packages/kvasir/src/api": [
    "packages/client/src/namespace",
    "packages/store/src",
    "packages/kvasir/src/events",
    "packages/kvasir/src/http",
    "packages/kvasir/src/measures",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/dialects": [
    "packages/client/src/namespace",
    "packages/store/src",
    "packages/kvasir/src/api",
    "packages/kvasir/src/http",
    "packages/kvasir/src/wire",
  ],
  // Its other end is the client.
  "packages/kvasir/src/dialects/binding": like("packages/kvasir/src/dialects", "packages/client/src/http"),
  "packages/kvasir/src/dialects/cache": like("packages/kvasir/src/dialects", "packages/kvasir/src/transient"),
  "packages/kvasir/src/dialects/cloudflare": like("packages/kvasir/src/dialects"),
  "packages/kvasir/src/dialects/rate-limit": like(
    "packages/kvasir/src/dialects",
    "packages/kvasir/src/transient",
  ),
  // The other end of backups and checks is the client.
  "packages/kvasir/src/dialects/system": like("packages/kvasir/src/dialects", "packages/client/src/http"),
  "packages/kvasir/src/dialects/telnyx": like("packages/kvasir/src/dialects"),

  // Serves the built files of dashboard/, which is a client of the API like any other.
  "packages/kvasir/src/dashboard": [
    "packages/client/src/namespace",
    "packages/kvasir/src/api",
    "packages/kvasir/src/package",
  ],

  // Cloudflare's API v4 as its client uses it, to copy from and to.
  "packages/kvasir/src/cloudflare": ["packages/client/src/namespace", "packages/store/src"],

  // Functions, from what a function is to what runs it.
  "packages/kvasir/runtime": [
    "packages/client/src/http",
    "packages/client/src/namespace",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions": [],
  "packages/kvasir/src/functions/resources": [],
  "packages/kvasir/src/functions/assets": ["packages/kvasir/src/failure", "packages/kvasir/src/wire"],
  "packages/kvasir/src/functions/config": [
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions/assets",
    "packages/kvasir/src/package",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/bundle": [
    "packages/kvasir/src/functions",
    "packages/kvasir/src/functions/config",
  ],
  "packages/kvasir/src/functions/modules": [
    "packages/kvasir/src/functions/assets",
    "packages/kvasir/src/functions/bundle",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/package",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/surroundings": [
    "packages/kvasir/src/functions/bundle",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/modules",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/observe": [
    "packages/kvasir/src/events",
    "packages/kvasir/src/functions",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/workerd": [
    "packages/client/src/namespace",
    "packages/kvasir/src/events",
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/modules",
    "packages/kvasir/src/functions/observe",
    "packages/kvasir/src/functions/resources",
    "packages/kvasir/src/functions/surroundings",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/inspector": [
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions",
    "packages/kvasir/src/functions/bundle",
    "packages/kvasir/src/functions/resources",
    "packages/kvasir/src/http",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/process": [
    "packages/kvasir/src/events",
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions",
    "packages/kvasir/src/functions/bundle",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/observe",
    "packages/kvasir/src/functions/resources",
    "packages/kvasir/src/functions/workerd",
    "packages/kvasir/src/package",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/functions/triggers": [
    "packages/kvasir/src/events",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/workerd",
  ],
  "packages/kvasir/src/functions/host": [
    "packages/client/src/namespace",
    "packages/store/src",
    "packages/kvasir/src/events",
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions",
    "packages/kvasir/src/functions/assets",
    "packages/kvasir/src/functions/bundle",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/inspector",
    "packages/kvasir/src/functions/modules",
    "packages/kvasir/src/functions/observe",
    "packages/kvasir/src/functions/process",
    "packages/kvasir/src/functions/resources",
    "packages/kvasir/src/functions/surroundings",
    "packages/kvasir/src/functions/triggers",
    "packages/kvasir/src/functions/workerd",
    "packages/kvasir/src/wire",
  ],

  // What is composed of all that, and the command line on top.
  "packages/kvasir/src/server": [
    "packages/client/src/namespace",
    "packages/store/src",
    "packages/kvasir/src/api",
    "packages/kvasir/src/dashboard",
    "packages/kvasir/src/dialects/binding",
    "packages/kvasir/src/dialects/cache",
    "packages/kvasir/src/dialects/cloudflare",
    "packages/kvasir/src/dialects/rate-limit",
    "packages/kvasir/src/dialects/system",
    "packages/kvasir/src/dialects/telnyx",
    "packages/kvasir/src/events",
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/host",
    "packages/kvasir/src/functions/resources",
    "packages/kvasir/src/functions/workerd",
    "packages/kvasir/src/http",
    "packages/kvasir/src/measures",
    "packages/kvasir/src/terminal",
    "packages/kvasir/src/transient",
    "packages/kvasir/src/wire",
  ],
  "packages/kvasir/src/commands": [
    "packages/client/src",
    "packages/client/src/namespace",
    "packages/store/src",
    "packages/kvasir/src/api",
    "packages/kvasir/src/cloudflare",
    "packages/kvasir/src/events",
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/resources",
    "packages/kvasir/src/http",
    "packages/kvasir/src/server",
    "packages/kvasir/src/terminal",
    "packages/kvasir/src/wire",
  ],
  // A Worker's env in the process of a framework's dev server.
  "packages/kvasir/src/platform": [
    "packages/store/src",
    "packages/kvasir/src/functions/config",
    "packages/kvasir/src/functions/host",
    "packages/kvasir/src/functions/surroundings",
    "packages/kvasir/src/server",
    "packages/kvasir/src/wire",
  ],
  // cli.ts and index.ts.
  "packages/kvasir/src": [
    "packages/kvasir/src/commands",
    "packages/kvasir/src/events",
    "packages/kvasir/src/failure",
    "packages/kvasir/src/functions/host",
    "packages/kvasir/src/package",
    "packages/kvasir/src/platform",
    "packages/kvasir/src/server",
    "packages/kvasir/src/terminal",
  ],
};
/** Rooms whose subfolders are rooms as well: a new subfolder there needs an entry of its own. */
const PARENTS = [
  "packages/client/src",
  "packages/store/src",
  "packages/kvasir/src",
  "packages/kvasir/src/dialects",
  "packages/kvasir/src/functions",
];
const SOURCES = [
  "packages/client/src",
  "packages/store/src",
  "packages/kvasir/src",
  "packages/kvasir/runtime",
];
const ENGINES = ["packages/store/src/engines/cluster", "packages/store/src/engines/lmdb"];
const ENGINE_IMPORTERS = ["packages/store/src/engines/places.ts", "packages/store/src/engines/registry.ts"];

const problems = [];
const files = await sources();
const imports = new Map();
for (const file of files) imports.set(file, await importsOf(file));
checkRooms();
checkFolders();
checkCircles();
for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`imports of ${files.length} files keep to the rooms; no two folders import each other`);

function checkRooms() {
  for (const folder of new Set(files.map(dirname))) {
    const room = roomOf(folder);
    if (room === undefined || (PARENTS.includes(room) && room !== folder)) {
      problems.push(`${folder} belongs to no room: add it to ROOMS in scripts/check-imports.js.`);
    }
  }
  for (const [file, targets] of imports) {
    const from = roomOf(dirname(file));
    for (const target of targets) {
      const to = roomOf(dirname(target));
      if (from !== to && !allowedOf(from).includes(to)) {
        problems.push(`${file} imports ${target}: ${from} does not import ${to}.`);
      }
      if (ENGINES.includes(to) && from !== to && !ENGINE_IMPORTERS.includes(file)) {
        problems.push(`${file} imports ${target}: only ${ENGINE_IMPORTERS.join(", ")} chooses an engine.`);
      }
    }
  }
}

function checkFolders() {
  const edges = new Map();
  for (const [file, targets] of imports) {
    for (const target of targets) {
      const edge = `${dirname(file)} -> ${dirname(target)}`;
      if (!edges.has(edge)) edges.set(edge, `${file} imports ${target}`);
    }
  }
  for (const [edge, example] of edges) {
    const [from, to] = edge.split(" -> ");
    const back = edges.get(`${to} -> ${from}`);
    if (from >= to || back === undefined) continue;
    problems.push(`${from} and ${to} import each other: ${example}, and ${back}.`);
  }
}

/** Depth first; a file that is met again while it is still open closes a circle. */
function checkCircles() {
  const done = new Set();
  const path = [];
  const visit = (file) => {
    if (done.has(file)) return;
    const at = path.indexOf(file);
    if (at !== -1) {
      problems.push(`Imports form a circle: ${[...path.slice(at), file].join(" -> ")}.`);
      return;
    }
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
}

/** What its parent imports, the parent itself, and `more`. */
function like(parent, ...more) {
  return { parent, more };
}

function allowedOf(room) {
  const allowed = ROOMS[room] ?? [];
  if (Array.isArray(allowed)) return allowed;
  return [allowed.parent, ...allowedOf(allowed.parent), ...allowed.more];
}

/** The most exact room that a folder belongs to. */
function roomOf(folder) {
  for (let at = folder; at !== "."; at = dirname(at)) {
    if (at in ROOMS) return at;
  }
  return undefined;
}

async function importsOf(file) {
  const text = await readFile(join(ROOT, file), "utf8");
  return importStatements(text).flatMap(({ specifier }) => resolveSpecifier(file, specifier));
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
  for (const source of SOURCES) {
    const entries = await readdir(join(ROOT, source), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !/(?<!\.test|\.d)\.ts$/.test(entry.name)) continue;
      const path = relative(ROOT, join(entry.parentPath ?? entry.path, entry.name));
      found.push(path.split(sep).join("/"));
    }
  }
  return found.sort();
}
