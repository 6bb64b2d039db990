// `npm run cluster`: a Valkey or Redis Cluster of three primaries and three replicas on this machine, to try Kvasir on.
// It lives until Ctrl-C; its data are gone then.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const HOST = "127.0.0.1";
const FIRST_PORT = Number(process.env.PORT ?? 7000);
const NODES = 6;
const START_MS_MAX = 10_000;
/** docs/guides/cluster.md says why each is needed. */
const SETTINGS = {
  bind: HOST,
  "cluster-enabled": "yes",
  "cluster-node-timeout": "2000",
  appendonly: "yes",
  appendfsync: "always",
  "no-appendfsync-on-rewrite": "no",
  "maxmemory-policy": "noeviction",
  "repl-diskless-load": "disabled",
  "cluster-replica-validity-factor": "10",
  "cluster-allow-replica-migration": "no",
  "cluster-require-full-coverage": "no",
  save: "",
};

const found = ["valkey", "redis"].find((name) => onPath(`${name}-server`) && onPath(`${name}-cli`));
if (found === undefined) {
  console.error("This needs valkey-server or redis-server, with its command line.");
  console.error("Debian, Ubuntu: apt-get install redis-server    macOS: brew install valkey");
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "kvasir-cluster-"));
const ports = Array.from({ length: NODES }, (_, at) => FIRST_PORT + at);
const taken = (await Promise.all(ports.map(listens))).findIndex(Boolean);
if (taken !== -1) {
  rmSync(folder, { recursive: true });
  console.error(`Port ${ports[taken]} is in use. Choose the first of ${NODES} ports with PORT=…`);
  process.exit(1);
}
const servers = ports.map((port) => {
  const dir = join(folder, String(port));
  mkdirSync(dir);
  const settings = { ...SETTINGS, port, dir, logfile: join(dir, "log") };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn(`${found}-server`, args, { stdio: "ignore" });
});
process.once("exit", () => {
  for (const server of servers) server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));

const deadline = Date.now() + START_MS_MAX;
while (!(await Promise.all(ports.map(listens))).every(Boolean)) {
  if (Date.now() > deadline) throw new Error(`The servers do not start. Their logs are in ${folder}.`);
  await pause(50);
}
const addresses = ports.map((port) => `${HOST}:${port}`);
const create = ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"];
execFileSync(`${found}-cli`, create, { stdio: "ignore" });
console.log(`A cluster of three primaries and three replicas is running (${found}).`);
console.log(`  npx kvasir dev --data valkey://${addresses.slice(0, 3).join(",")}/try`);
console.log("Ctrl-C ends it.");

function onPath(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = createConnection(port, HOST);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.end());
  });
}
