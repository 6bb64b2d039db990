// Bundles the command line and our own packages into a few files. `kvasir dev` needs 270 of our modules. The bundle is
// ready in two thirds of the time.
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleForNode } from "./bundle-for-node.js";
import { sourceAliases } from "./source-aliases.js";

const outdir = fileURLToPath(new URL("../packages/kvasir/dist/program", import.meta.url));

// Names of chunks depend on their content: remove those of earlier builds.
await rm(outdir, { recursive: true, force: true });
await bundleForNode({
  entry: "packages/kvasir/src/cli.ts",
  outdir,
  alias: { ...sourceAliases("client"), ...sourceAliases("store") },
});
