// The second step of `npm run fuzz`, after the build: runs a TypeScript program of `testing/`.
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const outfile = path("packages/store/node_modules/.cache/kvasir-testing/fuzz.js");

await build({
  entryPoints: [path("testing/faults/programs/fuzz.ts")],
  outfile,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  logLevel: "warning",
});
await import(pathToFileURL(outfile).href);
