import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/** Longest time from its message to its end, on a busy machine, in milliseconds. */
const END_MS_MAX = 2_000;

const FILES: Readonly<Record<string, string>> = {
  "good.js": 'export default { fetch: () => new Response("good") };',
  "unbuildable.js": "export default {",
  "throws.js": "null.x; export default {};",
  "fine.py": "async def handler(request):\n    return 1\n",
  // Takes as long to load as a process may take to start.
  "slow.py": "import time\ntime.sleep(60)\nasync def handler(request):\n    return 1\n",
  "fast.go": "func handler(w http.ResponseWriter, r *http.Request) {}\n",
  file: "",
  empty: "",
};

interface FailingStart {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A pattern for its message of one sentence. TAKEN stands for a port that is in use. */
  readonly says: RegExp;
  /** Only `serve` fails. `dev` starts all the same, and responds with the reason. */
  readonly serveOnly?: boolean;
  /** With several workers the failure is in one of them. */
  readonly inWorkers?: boolean;
}

const python = PYTHON.met ? ["fine.py"] : [];
const go = GO.met ? ["fast.go"] : [];
const slow = PYTHON.met ? ["slow.py"] : [];

const FAILING: Readonly<Record<string, FailingStart>> = {
  "a folder without a config after functions": {
    args: ["good.js", ...python, ...go, "folder"],
    says: /folder/,
  },
  "a folder without a config, and a data directory that is named": {
    args: ["good.js", ...python, ...go, "folder", "--data", "data"],
    inWorkers: true,
    says: /folder/,
  },
  "a config without an entry module": { args: ["good.js", ...python, "nothing"], says: /names no main/ },
  "two functions of one name": { args: ["good.js", ...python, "other/good.js"], says: /called good/ },
  "the functions' port in use": {
    args: ["good.js", ...slow, "--port", "TAKEN"],
    inWorkers: true,
    says: /in use/,
  },
  "the API's port in use": {
    args: ["good.js", ...slow, "--api-port", "TAKEN"],
    inWorkers: true,
    says: /in use/,
  },
  "an address of another machine": {
    args: ["good.js", ...slow, "--host", "192.0.2.1"],
    says: /192\.0\.2\.1 is not an address of this machine/,
  },
  "a file in place of the data directory": {
    args: ["good.js", ...slow, "--data", "file"],
    says: /file is not a folder/,
  },
  "a data directory that is none": {
    args: ["good.js", ...python, "--data", "/proc/x"],
    says: /cannot be made/,
  },
  "data of an engine that this version does not have": {
    args: ["good.js", ...slow, "--data", "tikv://:secret@127.0.0.1:1/name"],
    says: /no engine for tikv:\/\/ data/,
  },
  "data in a cluster that is not there": {
    args: ["good.js", ...slow, "--data", "valkey://:secret@127.0.0.1:1/name"],
    says: /No node of the cluster could be reached: 127\.0\.0\.1:1: .*ECONNREFUSED/,
  },
  "data in a cluster without a name": {
    args: ["good.js", ...slow, "--data", "valkey://127.0.0.1:1"],
    says: /has no name for the data/,
  },
  "a flag of a cluster for a directory": {
    args: ["good.js", ...slow, "--acks", "1"],
    says: /--acks is for data in a cluster/,
  },
  "a Worker that does not build": {
    args: ["unbuildable.js", ...slow],
    says: /unbuildable\.js/,
    serveOnly: true,
  },
  "a Worker that throws while it loads": {
    args: ["throws.js", ...python],
    inWorkers: true,
    says: /does not start/,
    serveOnly: true,
  },
  "no Python": {
    args: ["good.js", "fine.py"],
    env: { KVASIR_PYTHON: "/absent/python" },
    says: /\/absent\/python/,
  },
  "no Go": {
    args: ["good.js", ...slow, "fast.go"],
    env: { KVASIR_GO: "/absent/go" },
    says: /no go on the PATH/,
  },
  "a token file that is absent": {
    args: ["good.js", "--token-file", "absent"],
    says: /absent does not exist/,
    serveOnly: true,
  },
};

const COMMANDS = [["dev"], ["serve"], ["serve", "--workers", "2"]];
const CASES = Object.entries(FAILING).flatMap(([name, start]) =>
  COMMANDS.filter((command) => isCase(command, start)).map(
    (command) => [command.join(" "), name, { command, ...start }] as const,
  ),
);

function isCase([command, flag]: readonly string[], { serveOnly, inWorkers }: FailingStart): boolean {
  return command === "dev" ? serveOnly !== true : flag === undefined || inWorkers === true;
}

test.each(CASES)(
  "%s with %s says so, ends with 1 at once, and leaves nothing",
  async (_command, _name, failing) => {
    const folder = temporaryDirectory();
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, "folder"));
    mkdirSync(join(folder, "nothing"));
    writeFileSync(join(folder, "nothing/wrangler.json"), '{"name":"nothing"}');
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other/good.js"), FILES["good.js"] ?? "");
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    const port = await takenPort();

    const { command, args, env, says } = failing;
    const token = args.includes("--token-file") ? {} : { KVASIR_TOKEN: "secret" };
    const ports = ["--port", "--api-port"].flatMap((flag) => (args.includes(flag) ? [] : [flag, "0"]));
    const line = [...command, ...ports, ...args.map((arg) => (arg === "TAKEN" ? port : arg))];
    const process = KvasirProcess.launch(line, {
      cwd: folder,
      env: { ...token, ...env, TMPDIR: temporary },
    });
    onTestFinished(() => process.kill());
    let toldMs = Number.POSITIVE_INFINITY;
    process.child.stderr?.once("data", () => {
      toldMs = performance.now();
    });
    const { code, stderr: printed } = await process.ended;
    expect(performance.now() - toldMs).toBeLessThan(END_MS_MAX);
    expect({ code, printed }).toEqual({ code: 1, printed: expect.stringMatching(says) });
    expect(printed.trim().split("\n").at(-1)).toMatch(/^error: .*\.$/);
    await expect.poll(() => processesIn(folder)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

async function takenPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return String((server.address() as { port: number }).port);
}

/** The command lines of the processes that run in a folder or mention it. */
function processesIn(folder: string): string[] {
  if (process.platform !== "linux") return [];
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return ids.flatMap((id) => {
    try {
      const text = readFileSync(`/proc/${id}/environ`, "latin1") + readlinkSync(`/proc/${id}/cwd`);
      return text.includes(folder) ? [readFileSync(`/proc/${id}/cmdline`, "latin1")] : [];
    } catch {
      // The process has ended, or belongs to another user.
      return [];
    }
  });
}
