import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../../../packages/client/src", import.meta.url));
const ADAPTERS = [
  "cachified",
  "express-rate-limit",
  "express-session",
  "hono-rate-limiter",
  "hono-session",
  "keyv",
  "openfeature",
  "unstorage",
  "upstash-ratelimit",
];
/** Minified. The provider of OpenFeature brings the recipe `flags` with it, the limiter of Upstash `rateLimit`. */
const ADAPTER_BYTES_MAX = 22_000;
const RECIPES_BYTES_MAX = 90_000;

async function bundled(source: string): Promise<{ bytes: number; files: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: SOURCE, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    metafile: true,
    write: false,
  });
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const files = used.flatMap((path) => /adapters\/(.*)\.ts$/.exec(path)?.[1] ?? []);
  return { bytes: outputFiles[0]?.contents.byteLength ?? 0, files };
}

test("the recipes bring no adapter with them, and stay small", async () => {
  const { bytes, files } = await bundled('export * from "./recipes/index.js"');
  expect(files).toEqual([]);
  expect(bytes).toBeLessThanOrEqual(RECIPES_BYTES_MAX);
});

test.each(ADAPTERS)("%s brings no other adapter with it, and no library", async (name) => {
  const { bytes, files } = await bundled(`export * from "./adapters/${name}.js"`);
  expect(files.filter((file) => ADAPTERS.includes(file))).toEqual([name]);
  expect(bytes).toBeLessThan(ADAPTER_BYTES_MAX);
});

test("each adapter is among these", () => {
  const shared = ["limits", "provider-events", "session-entries", "window-counters"];
  const files = readdirSync(`${SOURCE}/adapters`).map((file) => file.replace(/\.ts$/, ""));
  expect(files.filter((file) => !shared.includes(file)).sort()).toEqual(ADAPTERS);
});
