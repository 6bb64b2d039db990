import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { describeWith } from "../../harness/requirements.js";
import { copyOfRepository } from "./clean-copy.js";
import { bytesOf, compileAndRun, npxKvasirDev, writeProject } from "./installed-project.js";
import { install, PACKAGE_MANAGERS, REGISTRY } from "./package-managers.js";
import { pack, packagesImportedBy, type Tarball } from "./tarball.js";

/** All that `npm install kvasir` puts on a disk. workerd alone has 140 MB. */
const INSTALLED_BYTES_MAX = 200_000_000;
const PACK_TIMEOUT_MS = 120_000;
const INSTALL_TIMEOUT_MS = 240_000;
const PACKAGES = ["client", "store", "kvasir"];

const folder = mkdtempSync(join(tmpdir(), "kvasir-packages-"));
const tarballs = new Map<string, Tarball>();

beforeAll(() => {
  const copy = join(folder, "copy");
  mkdirSync(copy);
  copyOfRepository(copy);
  for (const name of PACKAGES) tarballs.set(name, pack(join(copy, "packages", name), folder));
}, PACK_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tarball = (name: string): Tarball => {
  const found = tarballs.get(name);
  if (found === undefined) throw new Error(`${name} was not packed`);
  return found;
};

describe.each(PACKAGES)("npm pack of %s, in a copy that was not built", (name) => {
  test("has a page about itself, the licence, and where its source is", () => {
    const { manifest, read } = tarball(name);
    expect(read("README.md")).toMatch(/^# (@kvasir\/)?\w+\n[\s\S]*npm install/);
    expect(read("LICENSE")).toBe(readFileSync(join(ROOT, "LICENSE"), "utf8"));
    expect(manifest).toMatchObject({
      license: "MIT",
      description: expect.stringMatching(/.{20}/),
      homepage: expect.stringMatching(/^https:/),
      bugs: expect.stringMatching(/^https:/),
      keywords: expect.arrayContaining(["kv"]),
      repository: { url: expect.stringMatching(/^git\+https:/), directory: `packages/${name}` },
    });
  });

  test("links only to pages that a reader of the package reaches", () => {
    const links = [
      ...tarball(name)
        .read("README.md")
        .matchAll(/\]\(([^)]+)\)/g),
    ].map(([, link = ""]) => link);
    expect(links.filter((link) => !link.startsWith("https://"))).toEqual([]);
  });

  test("has no tests, no state of the compiler, and no source map without sources", () => {
    const { files } = tarball(name);
    expect(
      files.filter((file) => /\.test\.|tsbuildinfo|__pycache__|\.map$|\.ts$(?<!\.d\.ts)/.test(file)),
    ).toEqual([]);
    const scripts = files.filter((file) => file.endsWith(".js"));
    expect(scripts.filter((file) => tarball(name).read(file).includes("\n//# sourceMappingURL="))).toEqual(
      [],
    );
  });

  test("has every file that its entry points import, and names every package", async () => {
    const { files, manifest } = tarball(name);
    const imported = await packagesImportedBy(tarball(name), [
      ...Object.values(manifest.exports).map((entry) => posix.normalize(entry.default)),
      ...files.filter((file) => file === "dist/program/cli.js"),
    ]);
    const named = Object.keys(manifest.dependencies ?? {});
    expect(imported.filter((dependency) => !named.includes(dependency))).toEqual([]);
  });
});

test("kvasir has the licences of the packages that are in its bundles", () => {
  for (const [bundle, name] of [
    ["program", "commander"],
    ["library", "valibot"],
    ["runtime", "negotiator"],
  ])
    expect(tarball("kvasir").read(`dist/${bundle}/THIRD-PARTY-LICENSES.txt`)).toMatch(
      new RegExp(`^${name} [\\d.]+ \\(MIT\\)\\n\\n[\\s\\S]*Permission is hereby granted`, "m"),
    );
});

describeWith(REGISTRY, "the packages, installed into an empty folder without scripts", () => {
  const folderOf = (manager: string) => join(folder, manager.replace(" ", "-"));

  beforeAll(async () => {
    const paths = Object.fromEntries([...tarballs.values()].map(({ name, path }) => [name, path]));
    await Promise.all(PACKAGE_MANAGERS.map((manager) => install(manager, folderOf(manager.name), paths)));
    for (const { name } of PACKAGE_MANAGERS) writeProject(folderOf(name));
  }, INSTALL_TIMEOUT_MS);

  test(`have less than ${INSTALLED_BYTES_MAX / 1e6} MB with all that they need`, () => {
    expect(bytesOf(join(folderOf("npm"), "node_modules"))).toBeLessThan(INSTALLED_BYTES_MAX);
  });

  describe.each(PACKAGE_MANAGERS)("by $name", ({ name }) => {
    test("run a Worker with npx kvasir dev", async () => {
      const url = await npxKvasirDev(folderOf(name));
      expect(await (await fetch(url)).text()).toBe("Visit number 1");
    });

    test("compile in a strict program, and run in it", async () => {
      expect(JSON.parse(await compileAndRun(folderOf(name)))).toEqual([
        "from the store",
        { text: "typed" },
        "41",
      ]);
    });
  });
});
