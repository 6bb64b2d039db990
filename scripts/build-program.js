// Bundles the command line with our own packages into a few files. Node takes half a millisecond and more for each
// module that it loads, and `kvasir dev` needs 270 of ours: bundled, it is ready in two thirds of the time.
import { readFile, rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sourceAliases } from "./source-aliases.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}packages/kvasir/dist/program`;
const { dependencies } = JSON.parse(await readFile(`${root}packages/kvasir/package.json`, "utf8"));

// Names of chunks change with what is in them.
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [`${root}packages/kvasir/src/cli.ts`],
  outdir,
  bundle: true,
  // What a command does not need is not loaded with it.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Other people's packages stay what they are, with their licences and their own files.
  packages: "external",
  alias: { ...sourceAliases("client"), ...sourceAliases("store") },
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});

// What our other packages import is now imported from this one, where only its own dependencies are sure to be found.
const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
for (const { path, external } of imported) {
  const [, name] = /^(@[^/]+\/[^/]+|[^/]+)/.exec(path) ?? [];
  if (!external || isBuiltin(path) || name in dependencies) continue;
  throw new Error(`The command line imports ${path}, which packages/kvasir/package.json does not name.`);
}
