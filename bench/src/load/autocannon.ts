import { packagePeer } from "../core/peer.js";
import { Program } from "../core/program.js";
import type { Workspace } from "../core/workspace.js";
import type { LoadTool } from "./load-tool.js";

/**
 * `autocannon` in a process of its own. It comes with `npm ci` and is used if there is no `wrk`. It can be
 * slower than the server, so the CPU time of a request says more than the rate.
 */
export async function autocannonTool(workspace: Workspace): Promise<LoadTool> {
  const program = await Program.start(workspace, "load/programs/autocannon");
  const { name, version } = packagePeer("autocannon");
  return { name: `${name} ${version}`, run: (load) => program.ask(load) };
}
