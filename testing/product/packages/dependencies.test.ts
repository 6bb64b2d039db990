import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { bytesOf } from "./installed-project.js";

/** What the README's first command puts on a disk. */
const NEWCOMER_BYTES_MAX = 300_000_000;

type Manifest = Partial<
  Record<"dependencies" | "devDependencies" | "optionalDependencies", Readonly<Record<string, string>>>
>;

const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest;
const foreign = (...groups: (Readonly<Record<string, string>> | undefined)[]) =>
  [...new Set(groups.flatMap((group) => Object.keys(group ?? {})))].filter(
    (name) => name !== "kvasir" && !name.startsWith("@kvasir/"),
  );

const kvasir = manifest("packages/kvasir");
const store = manifest("packages/store");
const client = manifest("packages/client");
const page = readFileSync(join(ROOT, "docs/dependencies.md"), "utf8");
const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|/gm)].map(([, name = ""]) => name);
/** The rows under a title. */
const rowsUnder = (title: string) => {
  const [, section = ""] =
    new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(page) ?? [];
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name);
};

test("the page has a row for each dependency, and a dependency for each row", () => {
  const folders = [
    ".",
    "packages/client",
    "packages/store",
    "packages/kvasir",
    "dashboard",
    "testing",
    "bench",
    "examples/showcase",
  ];
  const all = folders
    .map(manifest)
    .flatMap((one) => foreign(one.dependencies, one.devDependencies, one.optionalDependencies))
    // Declarations belong to the package that they describe.
    .filter((name) => !name.startsWith("@types/") || name === "@types/node");
  expect([...rows].sort()).toEqual([...new Set(all)].sort());
});

test("the page says which packages are installed with kvasir, and which are in its bundles", () => {
  expect(rowsUnder("Installed with `kvasir`").sort()).toEqual(
    foreign(kvasir.dependencies, store.dependencies).sort(),
  );
  expect(foreign(client.dependencies)).toEqual([]);
  const bundled = foreign(kvasir.devDependencies).filter((name) => !/^@types\/|^typescript$/.test(name));
  expect(rowsUnder("Bundled into `kvasir`").sort()).toEqual(bundled.sort());
});

test("what a newcomer installs to run the program has none of the yardsticks", () => {
  const listed = execFileSync(
    "npm",
    ["ls", "--all", "--package-lock-only", "--parseable", "--workspace", "examples/showcase"],
    { cwd: ROOT, encoding: "utf8" },
  );
  const folders = [...new Set(listed.trim().split("\n"))];
  const places = folders.filter((folder) => folder.includes("node_modules/") && existsSync(folder));
  expect(places.length).toBeGreaterThan(50);
  const names = places.map((folder) => folder.replace(/^.*node_modules\//, ""));
  expect(
    names.filter((name) => /^(wrangler|miniflare|cloudflare|telnyx|node-linux|vitest)/.test(name)),
  ).toEqual([]);
  const bytes = bytesOf(...places.filter((folder) => !/node_modules\/(@kvasir\/|kvasir$)/.test(folder)));
  expect(bytes).toBeLessThan(NEWCOMER_BYTES_MAX);
});
