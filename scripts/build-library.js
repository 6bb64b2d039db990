// Bundles what programs import from `kvasir`, with the small packages that it uses, and copies its declarations. Fewer
// files and fewer packages to install; the same code as the command line's, but with `@kvasir/store` and
// `@kvasir/client` from outside, because a program passes its own objects of those packages.
import { cp, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleForNode } from "./bundle-for-node.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "packages/kvasir/dist");
const outdir = join(dist, "library");

await rm(outdir, { recursive: true, force: true });
await bundleForNode({ entry: "packages/kvasir/src/index.ts", outdir });
await copyDeclarations(join(dist, "index.d.ts"), new Set());

/** Copies a file of declarations, and those that it imports. */
async function copyDeclarations(file, copied) {
  if (copied.has(file)) return;
  copied.add(file);
  await cp(file, join(outdir, relative(dist, file)));
  const text = await readFile(file, "utf8");
  for (const [, imported] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.js"/g)) {
    await copyDeclarations(join(dirname(file), `${imported}.d.ts`), copied);
  }
}
