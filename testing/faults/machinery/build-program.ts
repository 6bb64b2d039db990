import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const OUT = fileURLToPath(new URL("../../../node_modules/.cache/kvasir-faults/", import.meta.url));

/**
 * Makes a file of `programs/` runnable: a process of its own has no TypeScript. It imports the built packages, as
 * every process does that is not a test.
 *
 * @returns the path of the file to run
 */
export async function buildProgram(name: string): Promise<string> {
  const outfile = `${OUT}${name}.js`;
  await build({
    entryPoints: [fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  return outfile;
}
