import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanEnvironment } from "../../harness/environment.js";
import type { Requirement } from "../../harness/requirements.js";

/** How one package manager installs into a folder without running scripts of packages. */
export interface PackageManager {
  readonly name: string;
  readonly command: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** `npx` fetches the managers that a machine lacks. */
const through = (name: string, ...args: string[]) => [
  "npm",
  "exec",
  "--yes",
  "--package",
  name,
  "--",
  ...args,
];

export const PACKAGE_MANAGERS: readonly PackageManager[] = [
  { name: "npm", command: ["npm", "install", "--ignore-scripts", "--prefer-offline"] },
  {
    name: "pnpm",
    command: through("pnpm@10.34.9", "pnpm", "install", "--ignore-scripts", "--prefer-offline"),
  },
  {
    name: "yarn classic",
    command: through("yarn@1.22.22", "yarn", "install", "--ignore-scripts"),
  },
  {
    name: "yarn berry",
    command: through("@yarnpkg/cli-dist@4.18.1", "yarn", "install"),
    files: {
      ".yarnrc.yml": [
        "nodeLinker: node-modules",
        "enableScripts: false",
        "enableTelemetry: false",
        "enableImmutableInstalls: false",
      ].join("\n"),
      "yarn.lock": "",
    },
  },
];

/** Everything but our own packages comes from the registry. */
export const REGISTRY: Requirement = {
  name: "a registry of npm packages",
  met:
    spawnSync("npm", ["view", "lmdb", "name", "--prefer-online"], { stdio: "ignore", timeout: 20_000 })
      .status === 0,
};

/**
 * Installs packages into a new folder.
 *
 * @param tarballs the tarball of each package, by its name. They also take the place of what they depend on.
 * @throws with what the package manager printed, if it fails
 */
export async function install(
  { name, command: [program = "", ...args], files = {} }: PackageManager,
  folder: string,
  tarballs: Readonly<Record<string, string>>,
): Promise<void> {
  const dependencies = Object.fromEntries(
    Object.entries(tarballs).map(([dependency, path]) => [dependency, `file:${path}`]),
  );
  mkdirSync(folder);
  const manifest = {
    private: true,
    type: "module",
    dependencies,
    // The three names of one setting. Nothing of it is needed for packages that are in the registry.
    overrides: Object.fromEntries(Object.keys(dependencies).map((key) => [key, `$${key}`])),
    resolutions: dependencies,
    pnpm: { overrides: dependencies },
  };
  const all = { ...files, "package.json": JSON.stringify(manifest) };
  for (const [file, content] of Object.entries(all)) writeFileSync(join(folder, file), content);
  const child = spawn(program, args, {
    cwd: folder,
    env: cleanEnvironment({ CI: "true" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${printed}`);
}
