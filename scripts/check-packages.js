// The part of `npm run check` that looks at what is published: publint and are-the-types-wrong on each package, and the
// size of @kvasir/client.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = ["client", "store", "kvasir"];
/**
 * Minified bytes of the code that people put into Workers and web pages: all of @kvasir/client,
 * all recipes, and single parts.
 */
const CLIENT_BUDGETS = [
  { what: "all of it", source: 'export * from "@kvasir/client"', bytesMax: 48_000 },
  { what: "all recipes", source: 'export * from "@kvasir/client/recipes"', bytesMax: 90_000 },
  // 3,000 of these bytes are shared by all recipes: time limits, outages, checks of options. The goal is
  // 12,000.
  { what: "a rate limit", source: 'export { rateLimit } from "@kvasir/client/recipes"', bytesMax: 13_500 },
  { what: "connect alone", source: 'export { connect } from "@kvasir/client"', bytesMax: 24_000 },
];

const problems = [];
await checkShapes();
await checkClientSize();
if (problems.length > 0) {
  for (const problem of problems) console.error(`error: ${problem}`);
  process.exit(1);
}

async function checkShapes() {
  const folder = await mkdtemp(join(tmpdir(), "kvasir-pack-"));
  try {
    for (const name of PACKAGES) {
      const pkgDir = join(ROOT, "packages", name);
      const { messages, pkg } = await publint({ pkgDir, strict: true });
      for (const message of messages) problems.push(`publint: ${pkg.name}: ${formatMessage(message, pkg)}`);
      await checkTypes(pkgDir, pkg.name, folder);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkTypes(pkgDir, name, folder) {
  const run = promisify(execFile);
  try {
    // Without the scripts: this check follows a build.
    const packed = await run(
      "npm",
      ["pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", folder],
      {
        cwd: pkgDir,
      },
    );
    const [{ filename, size, entryCount }] = JSON.parse(packed.stdout);
    const attw = join(ROOT, "node_modules/.bin/attw");
    await run(attw, [join(folder, filename), "--profile", "esm-only", "--format", "ascii", "--no-color"]);
    console.log(`${name}: ${entryCount} files, ${kib(size)} packed; publint and types are right`);
  } catch (error) {
    problems.push(`${name}: ${`${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message}`);
  }
}

async function checkClientSize() {
  for (const { what, source, bytesMax } of CLIENT_BUDGETS) {
    const result = await build({
      stdin: { contents: source, resolveDir: ROOT },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      write: false,
    });
    const [{ contents }] = result.outputFiles;
    const sizes = `${kib(contents.length)} minified, ${kib(gzipSync(contents).length)} compressed`;
    console.log(`@kvasir/client, ${what}: ${sizes}, of ${kib(bytesMax)}`);
    if (contents.length > bytesMax) {
      problems.push(`@kvasir/client, ${what}, has ${contents.length} bytes minified, more than ${bytesMax}.`);
    }
  }
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
