import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import type { Blob } from "../config/bundling.js";
import { type FunctionModule, functionModule } from "./function-module.js";

const NAME = "kvasir-blobs";

/** The module name of a blob. Its own extension does not matter: it is not imported by the user's code. */
function moduleName({ name }: Blob): string {
  return `kvasir-blob-${name}`;
}

export async function readBlobs(blobs: readonly Blob[]): Promise<FunctionModule[]> {
  return Promise.all(
    blobs.map(async (blob) =>
      functionModule(moduleName(blob), { ...blob, content: await readFile(blob.path) }),
    ),
  );
}

/** `text_blobs`, `data_blobs` and `wasm_modules` of a config: globals that are set before the user's code runs. */
export function blobGlobals(blobs: readonly Blob[]): Plugin {
  const statements = blobs.map(
    (blob, at) =>
      `import value${at} from "./${moduleName(blob)}";\nglobalThis[${JSON.stringify(blob.name)}] = value${at};`,
  );
  return {
    name: NAME,
    setup(build) {
      if (blobs.length === 0) return;
      build.initialOptions.inject = [...(build.initialOptions.inject ?? []), NAME];
      build.onResolve({ filter: /(^|[\\/])kvasir-blobs$/ }, () => ({ path: NAME, namespace: NAME }));
      build.onResolve({ filter: /.*/, namespace: NAME }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /.*/, namespace: NAME }, () => ({
        contents: statements.join("\n"),
        loader: "js",
      }));
    },
  };
}
