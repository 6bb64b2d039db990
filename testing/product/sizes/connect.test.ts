import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

// The size that `import { connect } from "@kvasir/client"` adds to a page or a Worker. Raise these limits
// only deliberately. The last kilobyte was for: bytes as they are at the time of the call, telling the
// caller's mistakes from the network's, conditions of atomic puts, ids in the form of UUIDs.
const MINIFIED_BYTES_MAX = 21_200;
const GZIPPED_BYTES_MAX = 7_900;

test("connect() and all that it needs stay small", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export { connect } from "./index.js";',
      resolveDir: fileURLToPath(new URL("../../../packages/client/dist", import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  expect(bytes.byteLength).toBeGreaterThan(10_000);
  expect(bytes.byteLength).toBeLessThan(MINIFIED_BYTES_MAX);
  expect(gzipSync(bytes).byteLength).toBeLessThan(GZIPPED_BYTES_MAX);
});
