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

/** How both are had on Debian and Ubuntu; the suite never installs anything itself. */
export const INSTALL = "apt-get install redis-server webdis, or their like, puts it on the PATH";

/**
 * A Redis on loopback that keeps the promise that ours keeps: `appendfsync always` flushes to disk before it answers,
 * all that arrived meanwhile with one flush.
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
      // No periodic snapshots beside the log: they would only be work for the peer.
      ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
    ],
    isReady: (line) => line.includes("Ready to accept connections"),
  });
  return { peer: { name: "Redis", version: `${version ?? "?"} with appendfsync always` }, pid, port };
}
