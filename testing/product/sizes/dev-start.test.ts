import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../../packages/kvasir/dist/program", import.meta.url));

/** The packages that a chunk and all that it imports statically load. */
function packagesOf(chunk: string, seen = new Set<string>()): Set<string> {
  if (seen.has(chunk)) return new Set();
  seen.add(chunk);
  const imports = readFileSync(join(PROGRAM, chunk), "utf8").matchAll(
    /^(?:import|\}) ?(?:.*from )?"([^"]+)";$/gm,
  );
  const found = new Set<string>();
  for (const [, from = ""] of imports) {
    if (!from.startsWith(".")) found.add(from);
    else for (const name of packagesOf(from.slice(2), seen)) found.add(name);
  }
  return found;
}

// esbuild's process takes as long to start as all code of `dev` takes to load, and starts meanwhile.
test("dev starts esbuild before it loads the engine of the store", () => {
  const [dev = ""] = readdirSync(PROGRAM).filter((name) => /^dev-[A-Z0-9]+\.js$/.test(name));
  const packages = packagesOf(dev);
  expect(packages).toContain("node:path");
  expect([...packages].filter((name) => !name.startsWith("node:"))).toEqual([]);
});
