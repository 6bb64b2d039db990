// Bundles what runs inside workerd (packages/kvasir/src/functions/runtime) into packages/kvasir/dist, one file for
// each module that workerd loads by itself.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const from = `${root}packages/kvasir/src/functions/runtime`;

await build({
  entryPoints: [
    ...["before", "entry", "error-page", "kv-binding", "router"],
    ...["handler/handler", "express/express"],
  ].map((path) => ({ in: `${from}/${path}.ts`, out: path.split("/").at(-1) })),
  outdir: `${root}packages/kvasir/dist/functions/runtime`,
  bundle: true,
  format: "esm",
  target: "es2022",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  // From source: the build then needs no other build before it.
  alias: { "@kvasir/client": `${root}packages/client/src/index.ts` },
  legalComments: "none",
  logLevel: "warning",
});
