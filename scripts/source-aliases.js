// Where our own packages are bundled from their sources. A build then needs no other build before it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGES = fileURLToPath(new URL("../packages", import.meta.url));

/** The source file of each import path of a package, as its `exports` name them: `{ "@kvasir/client/typed": "…" }`. */
export function sourceAliases(folder) {
  const { name, exports } = JSON.parse(readFileSync(`${PACKAGES}/${folder}/package.json`, "utf8"));
  return Object.fromEntries(
    Object.entries(exports).map(([path, { default: built }]) => [
      name + path.slice(1),
      `${PACKAGES}/${folder}/${built.replace(/^\.\/dist\/(library\/)?/, "src/").replace(/\.js$/, ".ts")}`,
    ]),
  );
}
