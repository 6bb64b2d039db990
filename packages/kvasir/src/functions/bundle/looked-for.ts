import { existsSync } from "node:fs";
import { dirname, extname, join, resolve, sep } from "node:path";
import { tsconfigFiles } from "./tsconfig-files.js";

/** One import of a build: where it stands, its text, and the file that it led to. */
export interface ImportRecord {
  readonly importer: string;
  readonly specifier: string;
  /** `undefined` if nothing was found. */
  readonly resolved: string | undefined;
}

export interface LookedForOptions {
  /** The function's folder. */
  readonly root: string;
  /** The config's `tsconfig`. */
  readonly tsconfig: string | undefined;
  /** Absolute paths of the files in the bundle. */
  readonly inputs: readonly string[];
  readonly imports: readonly ImportRecord[];
}

/** esbuild's order. */
const EXTENSIONS = [".tsx", ".ts", ".jsx", ".js", ".css", ".json"];
/** The sources of a file that is imported by the name of its output. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".ts", ".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/**
 * The files that decide how imports resolve, whether they exist or not: candidates before the one that was
 * found, configs of packages, and configs of TypeScript. If one of them changes or appears, a build may come
 * out differently. esbuild does not report what it tried, so this follows its rules.
 */
export function lookedFor({ root, tsconfig, inputs, imports }: LookedForOptions): string[] {
  const top = projectTop(root);
  const found = new Set<string>();
  const folders = new Set<string>();
  for (const input of inputs) {
    const inPackage = packageFolder(input);
    if (inPackage !== undefined) found.add(join(inPackage, "package.json"));
    else folders.add(dirname(input));
  }
  for (const record of imports) {
    const own = packageFolder(record.importer) === undefined;
    // Files within a package change with its package.json.
    if (!own && record.resolved !== undefined) continue;
    for (const path of candidates(record, top)) found.add(path);
  }
  const chosen = tsconfig === undefined ? [] : tsconfigFiles(tsconfig);
  for (const path of chosen) found.add(path);
  for (const folder of withParents(folders, top)) {
    found.add(join(folder, "package.json"));
    if (tsconfig !== undefined) continue;
    for (const path of tsconfigFiles(join(folder, "tsconfig.json"))) found.add(path);
    found.add(join(folder, "jsconfig.json"));
  }
  return [...found];
}

function candidates({ importer, specifier, resolved }: ImportRecord, top: string): string[] {
  const text = specifier.replace(/[?#].*$/s, "");
  const folder = dirname(importer);
  if (/^\.{0,2}(\/|$)/.test(text) || /^\.\.?$/.test(text))
    return before(fileCandidates(resolve(folder, text)), resolved);
  if (text.includes(":")) return [];
  // A package, or a file that a `paths` of a tsconfig or an `imports` of a package names.
  const named = resolved === undefined || packageFolder(resolved) !== undefined;
  if (!named) return before(fileCandidates(withoutExtension(resolved)), resolved);
  return text.startsWith("#") ? [] : packageCandidates(text, folder, top);
}

/** The paths that a path in an import may mean, in esbuild's order. */
function fileCandidates(path: string): string[] {
  const extension = extname(path);
  return [
    path,
    ...EXTENSIONS.map((added) => path + added),
    ...(SOURCES[extension] ?? []).map((source) => path.slice(0, -extension.length) + source),
    join(path, "package.json"),
    ...EXTENSIONS.map((added) => join(path, `index${added}`)),
  ];
}

function before(paths: readonly string[], found: string | undefined): string[] {
  const at = found === undefined ? -1 : paths.indexOf(found);
  return at === -1 ? [...paths] : paths.slice(0, at);
}

/** The packages of that name from the importer upwards, up to the first that exists. */
function packageCandidates(specifier: string, folder: string, top: string): string[] {
  const [name = ""] = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier) ?? [];
  const paths: string[] = [];
  for (const parent of parents(folder, top)) {
    const path = join(parent, "node_modules", name);
    paths.push(join(path, "package.json"));
    if (existsSync(path)) break;
  }
  return paths;
}

/** The folder of the package that a file belongs to, if it is an installed one. */
function packageFolder(path: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  const at = path.lastIndexOf(marker);
  if (at === -1) return undefined;
  const [first = "", second = ""] = path.slice(at + marker.length).split(sep);
  return path.slice(0, at + marker.length) + (first.startsWith("@") ? join(first, second) : first);
}

function withParents(folders: ReadonlySet<string>, top: string): Set<string> {
  const all = new Set<string>();
  for (const folder of folders) {
    for (const parent of parents(folder, top)) {
      if (all.has(parent)) break;
      all.add(parent);
    }
  }
  return all;
}

/** The folder and those above it, up to the project's. A folder outside of the project has only itself. */
function parents(folder: string, top: string): string[] {
  const found = [folder];
  if (folder !== top && !folder.startsWith(top + sep)) return found;
  for (let at = folder; at !== top; at = dirname(at)) found.push(dirname(at));
  return found;
}

/** The outermost folder that looks like a project: folders of the whole machine must not be watched. */
function projectTop(root: string): string {
  let top = root;
  for (let at = root; dirname(at) !== at; at = dirname(at)) {
    if (["package.json", ".git", "pnpm-workspace.yaml"].some((name) => existsSync(join(at, name)))) top = at;
  }
  return top;
}

function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
