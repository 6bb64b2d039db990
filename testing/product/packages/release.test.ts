import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const MANIFESTS = ["packages/client", "packages/store", "packages/kvasir", "dashboard", "testing", "bench"];
const FILES = [
  ...["package.json", "package-lock.json", "CHANGELOG.md", "sdks/python/pyproject.toml", ".npmrc"],
  ...[...MANIFESTS, "examples/showcase"].map((folder) => `${folder}/package.json`),
  "scripts/sync-versions.js",
];

const { version: VERSION } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly version: string;
};

/** A repository with the files that a release changes, and nothing else. */
function repository(changes = "# Changes\n\n## 0.2.0 (unreleased)\n\n- One.\n") {
  const folder = temporaryDirectory();
  for (const file of FILES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  writeFileSync(join(folder, "CHANGELOG.md"), changes);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  git("init", "--quiet");
  git("config", "user.name", "a");
  git("config", "user.email", "a@example.com");
  git("add", ".");
  git("commit", "--quiet", "--message", "Begin");
  const npmVersion = () => spawnSync("npm", ["version", "7.8.9"], { cwd: folder, encoding: "utf8" });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return { folder, git, npmVersion, read };
}

test("the versions of the repository are in step", () => {
  const check = spawnSync(process.execPath, ["scripts/sync-versions.js", "--check"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(check).toMatchObject({ status: 0, stderr: "" });
});

test("npm version writes the version everywhere, and commits and tags it", () => {
  const { folder, git, npmVersion, read } = repository();
  expect(npmVersion()).toMatchObject({ status: 0 });
  expect(git("status", "--porcelain")).toBe("");
  expect(git("tag").trim()).toBe("v7.8.9");
  expect(read("CHANGELOG.md")).toMatch(/^## 7\.8\.9 \(\d{4}-\d\d-\d\d\)$/m);
  expect(read("sdks/python/pyproject.toml")).toContain('\nversion = "7.8.9"\n');
  const manifest = (path: string) => JSON.parse(read(`${path}/package.json`)) as Record<string, unknown>;
  expect(MANIFESTS.map((path) => manifest(path)["version"])).toEqual(MANIFESTS.map(() => "7.8.9"));
  const named = [...MANIFESTS, "examples/showcase"].flatMap((path) => [
    ...read(`${path}/package.json`).matchAll(/"(?:@kvasir\/\w+|kvasir)": "(\d[^"]+)"/g),
  ]);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(([, dependency]) => dependency !== "7.8.9")).toEqual([]);
  const locked = read("package-lock.json").match(/"(?:@kvasir\/\w+|kvasir)": "\d[^"]+"/g) ?? [];
  expect(locked.filter((line) => !line.endsWith('"7.8.9"'))).toEqual([]);
  const again = spawnSync(process.execPath, ["scripts/sync-versions.js", "--check"], { cwd: folder });
  expect(again.status).toBe(0);
});

test("the check names a file that is not in step", () => {
  const { folder, read } = repository(`# Changes\n\n## ${VERSION} (unreleased)\n`);
  const path = "packages/store/package.json";
  writeFileSync(join(folder, path), read(path).replace(`"version": "${VERSION}"`, '"version": "0.0.9"'));
  const check = spawnSync(process.execPath, ["scripts/sync-versions.js", "--check"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(check.status).toBe(1);
  expect(check.stderr).toBe(`error: ${path} is not at version ${VERSION} of package.json.\n`);
});

test("npm version refuses a release of which CHANGELOG.md says nothing", () => {
  const { git, npmVersion } = repository("# Changes\n\n## 0.1.0 (2026-01-01)\n");
  const { status, stdout, stderr } = npmVersion();
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain("CHANGELOG.md has no section");
  expect(git("tag")).toBe("");
});
