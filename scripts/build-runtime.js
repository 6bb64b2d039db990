// Bundles what runs inside workerd (packages/kvasir/runtime) into packages/kvasir/dist, one file for
// each module that workerd loads by itself, and copies there what Python and Go functions run with.
import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sourceAliases } from "./source-aliases.js";
import { writeThirdPartyLicenses } from "./third-party-licenses.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const from = `${root}packages/kvasir/runtime`;
const outdir = `${root}packages/kvasir/dist/runtime`;

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    ...["background", "before", "entry", "error-page", "forward", "kv-binding", "no-worker", "rate-limit"],
    ...["router", "site-content", "unavailable", "unsupported-binding", "assets/assets"],
    ...["handler/handler", "express/express"],
  ].map((path) => ({ in: `${from}/${path}.ts`, out: path.split("/").at(-1) })),
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  plugins: [shared("background")],
  alias: sourceAliases("client"),
  // The licences are in a file beside the bundle.
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});
await writeThirdPartyLicenses({ root, metafile, folder: outdir });

/** Keeps a module with state separate, so that all other modules of a function import the same instance. */
function shared(name) {
  return {
    name: `shared-${name}`,
    setup: ({ onResolve }) =>
      onResolve({ filter: new RegExp(`/${name}\\.[jt]s$`) }, ({ kind }) =>
        kind === "entry-point" ? undefined : { path: `./kvasir-${name}.js`, external: true },
      ),
  };
}

const sdks = `${root}packages/kvasir/dist/sdks`;
await rm(sdks, { recursive: true, force: true });
await cp(`${root}sdks/python/src/kvasir`, `${sdks}/python/kvasir`, {
  recursive: true,
  filter: (path) => !path.includes("__pycache__"),
});
await cp(`${root}sdks/go`, `${sdks}/go`, {
  recursive: true,
  filter: (path) => !/_test\.go$|testserver|README|LICENSE|\.gitignore/.test(path),
});
