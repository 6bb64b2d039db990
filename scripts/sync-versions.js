// Keeps the version of everything that is released in step with the root package.json. `npm version` runs it before it
// commits (`version` of the root's scripts); with --check it changes nothing and lists what is out of step.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OURS = /^(kvasir|@kvasir\/.+)$/;
const UNRELEASED = /^## \S+ \(unreleased\)$/m;

const { version, workspaces } = json("package.json");
const isCheck = process.argv.includes("--check");
const manifests = workspaces.flatMap(foldersOf).map((folder) => `${folder}/package.json`);
const wanted = new Map([
  ...manifests.map((path) => [path, indented(withVersion(json(path)))]),
  ["package-lock.json", indented(lockWithVersions(json("package-lock.json")))],
  [
    "sdks/python/pyproject.toml",
    read("sdks/python/pyproject.toml").replace(/^version = ".*"$/m, `version = "${version}"`),
  ],
  ["CHANGELOG.md", changes()],
]);
const changed = [...wanted].filter(([path, text]) => read(path) !== text);

if (isCheck) {
  for (const [path] of changed) console.error(`error: ${path} is not at version ${version} of package.json.`);
  process.exitCode = changed.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of changed) {
    writeFileSync(join(ROOT, path), text);
    console.log(path);
  }
}

/** The section of a release begins with its version and its day. Between releases the newest section is unreleased. */
function changes() {
  const text = read("CHANGELOG.md");
  if (text.includes(`\n## ${version} (`)) return text;
  if (!UNRELEASED.test(text)) {
    console.error(
      'error: CHANGELOG.md has no section "## … (unreleased)". Write what changed, then run this again.',
    );
    process.exit(1);
  }
  return text.replace(UNRELEASED, `## ${version} (${new Date().toISOString().slice(0, 10)})`);
}

/** A manifest whose own version, and whose dependencies on our packages, are the current version. */
function withVersion(manifest) {
  if ("version" in manifest) manifest.version = version;
  for (const group of ["dependencies", "devDependencies"]) {
    for (const name of Object.keys(manifest[group] ?? {}))
      if (OURS.test(name)) manifest[group][name] = version;
  }
  return manifest;
}

function lockWithVersions(lock) {
  lock.version = version;
  lock.packages[""].version = version;
  for (const [path, entry] of Object.entries(lock.packages))
    if (!path.includes("node_modules/")) withVersion(entry);
  return lock;
}

function foldersOf(workspace) {
  if (!workspace.endsWith("/*")) return [workspace];
  const parent = workspace.slice(0, -2);
  return readdirSync(join(ROOT, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(ROOT, folder, "package.json")));
}

function indented(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function json(path) {
  return JSON.parse(read(path));
}

function read(path) {
  return readFileSync(join(ROOT, path), "utf8");
}
