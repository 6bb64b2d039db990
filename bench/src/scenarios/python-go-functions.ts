import { join } from "node:path";
import { freePort, startServer } from "../core/child.js";
import { type Comparison, type Rival, race } from "../core/rounds.js";
import type { Missing } from "../core/row.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { anonymousBytes, canMeasureUsage } from "../core/usage.js";
import type { Workspace } from "../core/workspace.js";
import { startKvasir } from "../fixtures/kvasir.js";
import { goProgram, LANGUAGES, pythonPackage } from "../fixtures/languages.js";
import { LoadGenerator } from "../load/load-generator.js";

const CONNECTIONS = 32;

export const pythonGoFunctions: Scenario = {
  name: "python-go-functions",
  title: "How near is a function in Python or Go to a plain server of its language?",
  async run(bench) {
    const load = await LoadGenerator.start(bench.workspace);
    await measure(bench, load, "function.py", targets.pythonOverUvicorn, await startUvicorn(bench.workspace));
    await measure(bench, load, "function.go", targets.goOverNetHttp, await startNetHttp(bench.workspace));
  },
};

interface PlainServer {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly pid: number;
}

async function measure(
  bench: Bench,
  load: LoadGenerator,
  file: string,
  target: NonNullable<Rival["target"]>,
  plain: PlainServer | Missing,
): Promise<void> {
  const data = await bench.workspace.directory(file);
  const { functions = "", pid } = await startKvasir(bench.workspace, [
    "serve",
    join(LANGUAGES, file),
    "--data",
    data,
  ]);
  const contestant = (url: string, pid: number) =>
    load.contestant({ url, pids: [pid], paths: ["/"] }, CONNECTIONS);
  const comparison: Comparison = { what: `a request to ${file}`, unit: "requests/s" };
  const rival: Rival =
    "missing" in plain
      ? { ...plain, target }
      : {
          peer: plain,
          contestant: contestant(plain.url, plain.pid),
          target,
          notes: memoryNotes(pid, plain.pid),
        };
  await race(bench, comparison, contestant(functions, pid), [rival]);
}

function memoryNotes(ours: number, peers: number): string[] {
  if (!canMeasureUsage) return [];
  const megabytes = (pid: number) => Math.round(anonymousBytes(pid) / 1e6);
  return [
    `memory of all processes at the start: ${megabytes(ours)} MB, with the store; peer ${megabytes(peers)} MB`,
  ];
}

async function startUvicorn(workspace: Workspace): Promise<PlainServer | Missing> {
  const found = pythonPackage("uvicorn");
  if ("missing" in found) return found;
  const port = await freePort();
  const { pid } = await startServer(workspace, {
    command: "sh",
    // uvicorn reports on stderr that it is ready.
    args: [
      "-c",
      `exec python3 -m uvicorn --app-dir "$0" --port ${port} --no-access-log function:app 2>&1`,
      LANGUAGES,
    ],
    isReady: (line) => line.includes("Uvicorn running"),
  });
  return { name: "uvicorn", version: found.version, url: `http://127.0.0.1:${port}`, pid };
}

async function startNetHttp(workspace: Workspace): Promise<PlainServer | Missing> {
  const built = await goProgram(workspace, "net-http");
  if ("missing" in built) return built;
  const { pid, readyLine } = await startServer(workspace, {
    command: built.program,
    args: [],
    isReady: (line) => line.startsWith("http://"),
  });
  return { name: "net/http", version: built.version, url: readyLine, pid };
}
