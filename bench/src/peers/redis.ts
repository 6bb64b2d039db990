import { execFileSync } from "node:child_process";
import { freePort, startServer } from "../core/child.js";
import { onPath } from "../core/on-path.js";
import type { Missing, Peer } from "../core/row.js";
import type { Workspace } from "../core/workspace.js";

export interface RedisProcess {
  readonly peer: Peer;
  readonly pid: number;
  readonly port: number;
}

/** How to get both on Debian and Ubuntu. The suite never installs anything itself. */
export const INSTALL = "apt-get install redis-server webdis, or their like, puts it on the PATH";

/**
 * A Redis on loopback that makes the same promise as Kvasir: `appendfsync always` flushes to disk before it
 * responds, with one flush for all writes that arrived meanwhile.
 */
export async function startRedis(workspace: Workspace): Promise<RedisProcess | Missing> {
  const command = onPath("redis-server");
  if (command === undefined) return { missing: "Redis", reason: `there is no redis-server; ${INSTALL}` };
  const version = /v=(\S+)/.exec(execFileSync(command, ["--version"], { encoding: "utf8" }))?.[1];
  const port = await freePort();
  const { pid } = await startServer(workspace, {
    command,
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", await workspace.directory("redis")],
      // No periodic snapshots in addition to the log, because they would only be extra work for the peer.
      ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
    ],
    isReady: (line) => line.includes("Ready to accept connections"),
  });
  return { peer: { name: "Redis", version: `${version ?? "?"} with appendfsync always` }, pid, port };
}
