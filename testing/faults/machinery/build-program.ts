import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const OUT = fileURLToPath(new URL("../../../node_modules/.cache/kvasir-faults/", import.meta.url));

const PROGRAMS = new URL("../programs/", import.meta.url);

/**
 * Bundles a file of `programs/` (or of another `folder`), because a process of its own cannot run TypeScript.
 * It imports the built packages, as every process does that is not a test.
 *
 * @returns the path of the file to run
 */
export async function buildProgram(name: string, folder = PROGRAMS): Promise<string> {
  const outfile = `${OUT}${name}.js`;
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, folder))],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  return outfile;
}
