import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { keep } from "../core/child.js";
import { onPath } from "../core/on-path.js";
import type { Workspace } from "../core/workspace.js";
import type { Load, LoadAnswer, LoadTool } from "./load-tool.js";

const SCRIPT = fileURLToPath(new URL("../../wrk/requests.lua", import.meta.url));
const run = promisify(execFile);

/**
 * `wrk`: one thread of C, which uses about 6 µs of a core per request. A generator in Node uses 23 µs, more
 * than the servers themselves. So on a machine with two cores `wrk` measures the server.
 *
 * @returns `undefined` if it is not installed
 */
export async function wrkTool(workspace: Workspace): Promise<LoadTool | undefined> {
  const command = onPath("wrk");
  if (command === undefined) return undefined;
  const directory = await workspace.directory("wrk");
  const files = new Map<string, Promise<string>>();
  return {
    name: `wrk ${/wrk (?:\S*\/)?([\d.]+)/.exec(spawnSync(command, ["-v"], { encoding: "utf8" }).stdout)?.[1]}`,
    async run(load): Promise<LoadAnswer> {
      const described = describe(load);
      let file = files.get(described);
      if (file === undefined) {
        file = writeNew(join(directory, String(files.size)), described);
        files.set(described, file);
      }
      const seconds = Math.max(1, Math.round(load.ms / 1000));
      const args = ["--threads=1", `--connections=${load.connections}`, `--duration=${seconds}s`];
      const running = run(command, [...args, `--script=${SCRIPT}`, load.url, "--", await file]);
      keep(workspace, running.child);
      const { stdout } = await running;
      return JSON.parse(stdout.slice(stdout.lastIndexOf("\n{"))) as LoadAnswer;
    },
  };
}

/** The input of `requests.lua`: method, headers, a blank line, paths, a blank line, the body. */
function describe({ method = "GET", paths, headers = {}, body = "" }: Load): string {
  const headerLines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [method, ...headerLines, "", ...paths, "", body].join("\n");
}

async function writeNew(file: string, text: string): Promise<string> {
  await writeFile(file, text);
  return file;
}
