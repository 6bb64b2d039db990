import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

// The size that `import { kv } from "@kvasir/client"` adds to a Worker. Raise these limits only deliberately.
const MINIFIED_BYTES_MAX = 14_000;
const GZIPPED_BYTES_MAX = 5_500;

test("kv() stays small, and brings nothing of connect() with it", async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: 'export { kv } from "./index.ts";',
      resolveDir: fileURLToPath(new URL("../../../packages/client/src", import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    metafile: true,
    write: false,
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  expect(bytes.byteLength).toBeLessThan(MINIFIED_BYTES_MAX);
  expect(gzipSync(bytes).byteLength).toBeLessThan(GZIPPED_BYTES_MAX);
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  expect(used.filter((path) => !/\/typed\/|stdin/.test(path)).map((path) => path.split("/").at(-1))).toEqual(
    [],
  );
});
