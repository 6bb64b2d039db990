import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../harness/checkout.js";

/** A Worker that shows its client's address, and counts its requests. */
const WORKER = `export default {
  async fetch(request, env) {
    const client = request.headers.get("CF-Connecting-IP");
    return new Response(client + " " + (await env.HITS.increment("hits")));
  },
};
`;

/** Writes a user's project into a folder: a Worker, the packed packages and a lock file. Nothing is installed. */
export function writePackedProject(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const workspaces = ["client", "store", "kvasir"].map((name) => `--workspace=packages/${name}`);
  const quiet = { cwd: ROOT, stdio: "pipe" } as const;
  // They are built: tests run after the build.
  execFileSync("npm", ["pack", "--ignore-scripts", `--pack-destination=${folder}`, ...workspaces], quiet);
  const packed = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  const dependencies = Object.fromEntries(
    packed.map((file) => [file.replace(/-\d.*$/, "").replace(/^kvasir-/, "@kvasir/"), `file:${file}`]),
  );
  write(folder, "package.json", JSON.stringify({ name: "app", private: true, type: "module", dependencies }));
  write(
    folder,
    "wrangler.json",
    JSON.stringify({ name: "app", main: "worker.js", kv_namespaces: [{ binding: "HITS", id: "hits" }] }),
  );
  write(folder, "worker.js", WORKER);
  const lock = [
    "install",
    "--package-lock-only",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
  ];
  execFileSync("npm", lock, { ...quiet, cwd: folder });
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
