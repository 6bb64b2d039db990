// Bundles the command line and our own packages into a few files. Node takes at least half a millisecond to
// load a module, and `kvasir dev` needs 270 of ours. The bundle is ready in two thirds of the time.
import { readFile, rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sourceAliases } from "./source-aliases.js";
import { writeThirdPartyLicenses } from "./third-party-licenses.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}packages/kvasir/dist/program`;
const { dependencies } = JSON.parse(await readFile(`${root}packages/kvasir/package.json`, "utf8"));

// Names of chunks depend on their content: remove those of earlier builds.
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
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
  if (!external || isBuiltin(path) || name in dependencies) continue;
  throw new Error(`The command line imports ${path}, which packages/kvasir/package.json does not name.`);
}

await writeThirdPartyLicenses({ root, metafile, folder: outdir });
