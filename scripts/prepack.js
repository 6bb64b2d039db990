// What `npm pack` and `npm publish` run first, in the folder of each package: builds what the package contains, from
// nothing, so that no file of an earlier build is packed.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

rmSync("dist", { recursive: true, force: true });
if (!existsSync(`${root}node_modules/typescript`)) npm("ci");
npm("run", "build");

function npm(...args) {
  // `npm pack --json` prints JSON on stdout: everything else goes to stderr.
  const { status } = spawnSync("npm", args, { cwd: root, env: environment(), stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

/** Without the options of the npm that packs (`--dry-run`, `--workspace`, …), which are not for this one. */
function environment() {
  const kept = /^npm_config_(registry|cache|userconfig|globalconfig|prefix|fetch|offline|prefer)/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)),
  );
}
