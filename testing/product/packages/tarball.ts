import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { build } from "esbuild";

/** What `npm publish` uploads. */
export interface Tarball {
  readonly path: string;
  /** The extracted package. */
  readonly folder: string;
  readonly name: string;
  readonly manifest: Manifest;
  /** Paths in the package. */
  readonly files: readonly string[];
  read(file: string): string;
}

interface Manifest {
  readonly description?: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly bugs?: string;
  readonly keywords?: readonly string[];
  readonly repository?: { readonly url: string; readonly directory: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

/** Runs `npm pack` in the folder of a package, with its scripts. */
export function pack(folder: string, destination: string): Tarball {
  const printed = execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", destination], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [packed] = JSON.parse(printed) as [{ readonly name: string; readonly filename: string }];
  const path = join(destination, packed.filename);
  const extracted = path.replace(/\.tgz$/, "");
  mkdirSync(extracted);
  execFileSync("tar", ["-xzf", path, "-C", extracted]);
  const root = join(extracted, "package");
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  return {
    path,
    folder: root,
    name: packed.name,
    manifest: JSON.parse(read("package.json")) as Manifest,
    files: readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name))),
    read,
  };
}

/**
 * Follows the imports of some files of a package.
 *
 * @returns the names of the packages that they import
 * @throws if a file is missing in the package
 */
export async function packagesImportedBy({ folder }: Tarball, entries: readonly string[]): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [...entries],
    outdir: "unused",
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
  });
  const outside = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path: imported }) => external === true && !isBuiltin(imported));
  return [
    ...new Set(outside.map(({ path: imported }) => /^(@[^/]+\/)?[^/]+/.exec(imported)?.[0] ?? imported)),
  ];
}
