import { join } from "node:path";
import { type Rival, race } from "../core/rounds.js";
import type { Missing } from "../core/row.js";
import type { Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { ClientReader } from "../fixtures/client-reader.js";
import { serveApi } from "../fixtures/http-servers.js";
import { TOKEN } from "../fixtures/kvasir.js";
import { goProgram, LANGUAGES, PYTHON_CLIENT, pythonPackage } from "../fixtures/languages.js";
import { startRedis } from "../peers/redis.js";

/** A client's program, and the version of the peer's client in it. */
interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

export const pythonGoClients: Scenario = {
  name: "python-go-clients",
  title: "How near is a get of the clients for Python and Go to Redis' clients, over one connection?",
  async run(bench) {
    const { workspace } = bench;
    const { kvasir, api } = await serveApi(workspace, 1);
    const [, , namespace = ""] = api.pathOf("key", "binding").split("/");
    const redis = await startRedis(workspace);
    const pairs = [
      ["Python", "redis-py", targets.pythonGetOverRedis, pythonProgram()],
      ["Go", "go-redis", targets.goGetOverRedis, await goReader(bench.workspace)],
    ] as const;
    for (const [language, peer, target, program] of pairs) {
      const comparison = { what: `get of 100 bytes, ${language} client`, unit: "requests/s" } as const;
      const missing = "missing" in program ? program : "missing" in redis ? redis : undefined;
      if (missing !== undefined || "missing" in program || "missing" in redis) {
        bench.report({ ...comparison, ...(missing as Missing), target });
        continue;
      }
      const { command, args, version } = program;
      const start = (...which: string[]) =>
        ClientReader.start(workspace, command, [...args, ...which], { PYTHONPATH: PYTHON_CLIENT });
      const rival: Rival = {
        peer: { name: peer, version: `${version}, ${redis.peer.name} ${redis.peer.version}` },
        contestant: await start("redis", String(redis.port)),
        target,
        notes: ["CPU is that of the client"],
      };
      await race(bench, comparison, await start("kvasir", kvasir.api, namespace, TOKEN), [rival]);
    }
  },
};

function pythonProgram(): Program | Missing {
  const found = pythonPackage("redis");
  return "missing" in found ? found : { command: "python3", args: [join(LANGUAGES, "get.py")], ...found };
}

async function goReader(workspace: Parameters<typeof goProgram>[0]): Promise<Program | Missing> {
  const built = await goProgram(workspace, "get");
  return "missing" in built ? built : { command: built.program, args: [], version: "9.7.0" };
}
