// How the code of packages/kvasir that runs in Node is bundled: in chunks, with the small packages that it imports.
// Node takes at least half a millisecond to load a module.
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeThirdPartyLicenses } from "./third-party-licenses.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Bundles a module and writes the licences of what is in the bundle beside it. The `dependencies` of packages/kvasir
 * stay outside: they have native parts, or files that are read while functions run. Its `devDependencies` are bundled.
 *
 * @param alias where packages are bundled from that are also in `dependencies`
 * @throws if the bundle imports a package that is not among the `dependencies`
 */
export async function bundleForNode({ entry, outdir, alias = {} }) {
  const { dependencies } = JSON.parse(await readFile(`${root}packages/kvasir/package.json`, "utf8"));
  const outside = Object.keys(dependencies).filter((name) => !(name in alias));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    bundle: true,
    // Each command loads only the chunks that it needs.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Modules of ECMAScript bundle better, and jsonc-parser's other form not at all.
    mainFields: ["module", "main"],
    external: outside.flatMap((name) => [name, `${name}/*`]),
    alias,
    // CommonJS packages call require() for the modules of Node.
    banner: {
      js: 'import { createRequire as createRequireOfNode } from "node:module"; const require = createRequireOfNode(import.meta.url);',
    },
    // ws does without its optional native parts.
    define: { "process.env.WS_NO_BUFFER_UTIL": '"1"', "process.env.WS_NO_UTF_8_VALIDATE": '"1"' },
    // The licences are in a file beside the bundle.
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  });

  // A package that was bundled from its source has imports of its own: only those of this package are installed.
  for (const { path, external } of Object.values(metafile.outputs).flatMap(({ imports }) => imports)) {
    const [, name] = /^(@[^/]+\/[^/]+|[^/]+)/.exec(path) ?? [];
    if (!external || isBuiltin(path) || name in dependencies) continue;
    throw new Error(`The bundle imports ${path}, which packages/kvasir/package.json does not name.`);
  }
  await writeThirdPartyLicenses({ root, metafile, folder: outdir });
}
