import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../../harness/checkout.js";

/** What a clone does not have. */
const NOT_IN_A_CLONE = new Set(["node_modules", "dist", ".git", ".kvasir", "coverage"]);

/** Copies what a build reads, as a clone has it after `npm ci`: nothing is built, and packages are linked. */
export function copyOfRepository(folder: string): void {
  const parts = ["dashboard", "packages", "scripts", "sdks"];
  const files = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const part of [...parts, ...files.map(({ name }) => name)]) {
    cpSync(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !NOT_IN_A_CLONE.has(basename(path)) && !path.endsWith(".tgz"),
    });
  }
  // The links of this repository to its own packages would lead out of the copy.
  mkdirSync(join(folder, "node_modules/@kvasir"), { recursive: true });
  const installed = readdirSync(join(ROOT, "node_modules"));
  for (const name of installed.filter((entry) => entry !== "@kvasir" && entry !== "kvasir")) {
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  }
  for (const name of ["client", "store"])
    symlinkSync(join(folder, "packages", name), join(folder, "node_modules/@kvasir", name));
  for (const name of ["client", "store", "kvasir"]) {
    // npm installs a version here that another one in the root's folder keeps out.
    const own = join("packages", name, "node_modules");
    if (existsSync(join(ROOT, own))) symlinkSync(join(ROOT, own), join(folder, own));
  }
}
