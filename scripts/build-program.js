// Bundles the command line and our own packages into a few files. Node takes at least half a millisecond to
// load a module, and `kvasir dev` needs 270 of ours. The bundle is ready in two thirds of the time.
//
// Third-party packages in "dependencies" stay separate, with their licences and their own files. Those in
// "devDependencies" that the program imports are bundled: large trees of which it needs little.
import { readFile, rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sourceAliases } from "./source-aliases.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}packages/kvasir/dist/program`;
const { dependencies, devDependencies } = JSON.parse(
  await readFile(`${root}packages/kvasir/package.json`, "utf8"),
);

// Names of chunks depend on their content: remove those of earlier builds.
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [`${root}packages/kvasir/src/cli.ts`],
  outdir,
  bundle: true,
  // Each command loads only the chunks that it needs.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: Object.keys(dependencies).filter((name) => !name.startsWith("@kvasir/")),
  // CommonJS packages call it for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
  },
  alias: { ...sourceAliases("client"), ...sourceAliases("store") },
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});

// The bundle also contains our other packages. Their imports now resolve from this package, so only its own
// packages are safe.
for (const [file, { imports }] of Object.entries(metafile.inputs)) {
  if (file.includes("node_modules/")) continue;
  for (const { path, original = path } of imports) {
    const [, name] = /^(@[^/]+\/[^/]+|[^./][^/]*)/.exec(original) ?? [];
    const isOwn = name === undefined || name.startsWith("@kvasir/");
    if (isOwn || isBuiltin(original) || name in dependencies || name in devDependencies) continue;
    throw new Error(`${file} imports ${original}, which packages/kvasir/package.json does not name.`);
  }
}
