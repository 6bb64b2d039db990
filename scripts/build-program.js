// Bundles the command line and our own packages into a few files. Node takes at least half a millisecond to
// load a module, and `kvasir dev` needs 270 of ours. The bundle is ready in two thirds of the time.
import { readFile, rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sourceAliases } from "./source-aliases.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}packages/kvasir/dist/program`;
/**
 * Packages that the program carries in files of its own, beside the chunks. They are not installed with it. They are
 * CommonJS, which esbuild cannot put into a chunk if it requires a module of Node.
 */
const CARRIED = ["cli-progress"];

const { dependencies } = JSON.parse(await readFile(`${root}packages/kvasir/package.json`, "utf8"));

// Names of chunks depend on their content: remove those of earlier builds.
await rm(outdir, { recursive: true, force: true });
for (const name of CARRIED) {
  await build({
    entryPoints: [fileURLToPath(import.meta.resolve(name))],
    outfile: `${outdir}/${name}.cjs`,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    legalComments: "inline",
    logLevel: "warning",
  });
}
const { metafile } = await build({
  entryPoints: [`${root}packages/kvasir/src/cli.ts`],
  outdir,
  bundle: true,
  // Each command loads only the chunks that it needs.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Third-party packages stay separate, with their licences and their own files.
  packages: "external",
  plugins: [carried()],
  alias: { ...sourceAliases("client"), ...sourceAliases("store") },
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});

// The bundle also contains our other packages. Their imports now resolve from this package, so only
// its own dependencies are safe.
const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
for (const { path, external } of imported) {
  const [, name] = /^(@[^/]+\/[^/]+|[^/]+)/.exec(path) ?? [];
  if (!external || isBuiltin(path) || path.endsWith(".cjs") || name in dependencies) continue;
  throw new Error(`The command line imports ${path}, which packages/kvasir/package.json does not name.`);
}

/** Leads imports of carried packages to their files. All chunks are in one folder. */
function carried() {
  return {
    name: "carried",
    setup({ onResolve }) {
      const filter = new RegExp(`^(${CARRIED.join("|")})$`);
      onResolve({ filter }, ({ path }) => ({ path: `./${path}.cjs`, external: true }));
    },
  };
}
