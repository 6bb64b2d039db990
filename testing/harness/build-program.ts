import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./checkout.js";

/** In the store's folder: programs may bundle files of the store, whose packages are found from there. */
const OUT = join(ROOT, "packages/store/node_modules/.cache/kvasir-testing");

/**
 * Bundles a program of `testing/` so that a process of its own can run it without TypeScript. The program imports the
 * built packages, as every process does that is not a test.
 *
 * @param name its path in `testing/`, without the extension
 * @returns the path of the file to run
 */
export async function buildProgram(name: string): Promise<string> {
  const outfile = join(OUT, `${name}.js`);
  await build({
    entryPoints: [join(ROOT, "testing", `${name}.ts`)],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  return outfile;
}
