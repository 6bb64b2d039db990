import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, keep } from "../core/child.js";
import { START_MS_MAX } from "../core/limits.js";
import { onPath } from "../core/on-path.js";
import type { Missing, Peer } from "../core/row.js";
import { until } from "../core/until.js";
import type { Workspace } from "../core/workspace.js";
import { INSTALL, startRedis } from "./redis.js";

export interface WebdisProcess {
  readonly peer: Peer;
  readonly url: string;
  /** Its own process and that of its Redis, because a request costs time in both. */
  readonly pids: readonly number[];
}

/**
 * Redis over HTTP: a common way to use Redis as a key-value service, without a token or any other check. The
 * Redis behind it flushes to disk before it responds.
 *
 * @param threads 1 for the comparison with a single process of ours. On two cores it is faster with one
 * thread than with two.
 */
export async function startWebdis(workspace: Workspace, threads = 1): Promise<WebdisProcess | Missing> {
  const command = onPath("webdis");
  if (command === undefined) return { missing: "webdis + Redis", reason: `there is no webdis; ${INSTALL}` };
  const redis = await startRedis(workspace);
  if ("missing" in redis) return { missing: "webdis + Redis", reason: redis.reason };

  const directory = await workspace.directory("webdis");
  const [config, log] = [join(directory, "webdis.json"), join(directory, "webdis.log")];
  const port = await freePort();
  const settings = {
    redis_host: "127.0.0.1",
    redis_port: redis.port,
    http_host: "127.0.0.1",
    http_port: port,
    threads,
    daemonize: false,
    verbosity: 3,
    logfile: log,
  };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn(command, [config], { stdio: "ignore" });
  keep(workspace, child);
  let version: string | undefined;
  await until(
    async () => {
      version = /Webdis (\S+) up and running/.exec(await readFile(log, "utf8"))?.[1];
      return version !== undefined;
    },
    { timeoutMs: START_MS_MAX, what: "webdis to start" },
  );
  if (child.pid === undefined) throw new Error("webdis did not start.");
  return {
    peer: {
      name: "webdis + Redis",
      version: `${version} + ${redis.peer.version}`,
    },
    url: `http://127.0.0.1:${port}`,
    pids: [child.pid, redis.pid],
  };
}
