import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import leven from "leven";

const UNRESOLVED = /^Could not resolve "(.+)"$/s;
/** Most changed letters between a missing file and one that is suggested. */
const DISTANCE_MAX = 3;

export interface UnresolvedOptions {
  /** Absolute path of the file that imports it. */
  readonly importer: string;
  /** The function's folder. */
  readonly root: string;
}

/** What to do about an import that leads nowhere. `undefined` for other messages of esbuild. */
export function unresolvedText(text: string, { importer, root }: UnresolvedOptions): string | undefined {
  const [, specifier] = UNRESOLVED.exec(text) ?? [];
  if (specifier === undefined) return undefined;
  if (/^\.{0,2}\//.test(specifier)) return missingFile(specifier, importer);
  if (specifier.startsWith("#")) {
    return `"${specifier}" is not in the "imports" of the nearest package.json.`;
  }
  if (specifier.includes(":")) return `Workers have no module "${specifier}".`;
  const [name = specifier] = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier) ?? [];
  const folder = installedFolder(name, dirname(importer));
  if (folder !== undefined) return insidePackage(specifier, name, folder);
  // Not a name that npm takes: an alias that no tsconfig explains, or a path without "./".
  if (!/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name)) {
    return `"${specifier}" is neither a file nor a package. If it is an alias, name it in "alias" of the config or in "paths" of the tsconfig.json.`;
  }
  const known = dependencies(root);
  if (known.includes(name)) {
    return `The package "${name}" is in package.json, but not installed. Run \`${packageManager(root)} install\`.`;
  }
  const close = closest(name, known);
  const hint = close === undefined ? "" : ` Did you mean "${close}"?`;
  return `The package "${name}" is not installed.${hint} Run \`${addCommand(root)} ${name}\`.`;
}

function missingFile(specifier: string, importer: string): string {
  const path = resolve(dirname(importer), specifier);
  const shown = relative(process.cwd(), path);
  const missing = `There is no file ${shown.startsWith("..") ? path : shown}`;
  const close = closest(basename(path), filesIn(dirname(path)));
  if (close === undefined) return `${missing}.`;
  return `${missing}. Did you mean "${specifier.slice(0, specifier.length - basename(specifier).length)}${close}"?`;
}

function insidePackage(specifier: string, name: string, folder: string): string {
  const subpath = specifier === name ? "." : `.${specifier.slice(name.length)}`;
  return existsSync(join(folder, "package.json"))
    ? `The package "${name}" is installed, but has no "${subpath}" that a Worker can use: its package.json does not export it, or the file is missing.`
    : `The folder of the package "${name}" has no package.json. Install it again.`;
}

/** The candidate that differs least from the name. Extensions do not count. */
function closest(name: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.replace(/\.[cm]?[jt]sx?$/, "");
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: leven(plain(name), plain(candidate)) }))
    .filter(({ distance }) => distance <= Math.min(DISTANCE_MAX, Math.ceil(plain(name).length / 2)))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function installedFolder(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) return undefined;
  }
}

function dependencies(root: string): string[] {
  try {
    const { dependencies: own = {}, devDependencies: dev = {} } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    ) as Partial<Record<"dependencies" | "devDependencies", object>>;
    return [...Object.keys(own), ...Object.keys(dev)];
  } catch {
    return [];
  }
}

function addCommand(root: string): string {
  const manager = packageManager(root);
  return manager === "npm" ? "npm install" : `${manager} add`;
}

/** The package manager whose lock file is nearest. */
function packageManager(root: string): string {
  for (let at = root; ; at = dirname(at)) {
    if (existsSync(join(at, "pnpm-lock.yaml"))) return "pnpm";
    if (existsSync(join(at, "yarn.lock"))) return "yarn";
    if (existsSync(join(at, "bun.lock")) || existsSync(join(at, "bun.lockb"))) return "bun";
    if (existsSync(join(at, "package-lock.json")) || dirname(at) === at) return "npm";
  }
}
