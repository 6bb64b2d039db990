import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type Address,
  type Command,
  NodeConnection,
  type Reply,
} from "../../packages/store/src/engines/cluster/connection.js";
import { replicasFollowing } from "../../packages/store/src/engines/cluster/replication.js";
import { parseTopology, shardsOf, type Topology } from "../../packages/store/src/engines/cluster/topology.js";
import { PROCESS_MS_MAX } from "./limits.js";
import type { Requirement } from "./requirements.js";

/** `KVASIR_TEST_CLUSTER_SERVER` is the path of another one, such as a newer version. */
export const SERVER_PATH =
  process.env["KVASIR_TEST_CLUSTER_SERVER"] ??
  ["redis-server", "valkey-server"]
    .flatMap((name) => [`/usr/bin/${name}`, `/usr/local/bin/${name}`])
    .find((path) => existsSync(path));

/** Debian and Ubuntu have it: `apt-get install redis-server`. */
export const REDIS_SERVER: Requirement = { name: "redis-server", met: SERVER_PATH !== undefined };

export interface ClusterShape {
  /** @default 3 */
  readonly primaries?: number;
  /** Of each primary. @default 1 */
  readonly replicas?: number;
  /** Time after which a node that does not reply is replaced, in milliseconds. @default 1000 */
  readonly nodeTimeoutMs?: number;
  /** Settings that differ from those that Kvasir asks for. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The address of the node that is started as the nth, so that the network can be cut between nodes. */
  readonly hostOf?: (at: number) => string;
  /** PEM files. Each node then takes TLS too, on its port plus {@link TLS_PORT_OFFSET}. @default no TLS */
  readonly certificate?: { readonly key: string; readonly certificate: string };
}

/** From the port of a node to the one on which it takes TLS. */
export const TLS_PORT_OFFSET = 5000;
const HOST = "127.0.0.1";
/** The settings that the guide asks for, and what makes small nodes start fast. */
const SETTINGS: Readonly<Record<string, string>> = {
  // It takes other addresses of the loopback network for those of strangers.
  "protected-mode": "no",
  "cluster-enabled": "yes",
  appendonly: "yes",
  appendfsync: "always",
  "no-appendfsync-on-rewrite": "no",
  "maxmemory-policy": "noeviction",
  "repl-diskless-load": "disabled",
  "repl-diskless-sync-delay": "0",
  "cluster-replica-validity-factor": "10",
  "cluster-allow-replica-migration": "no",
  "cluster-require-full-coverage": "no",
  save: "",
};
const SLOTS = 16_384;
const LOOK_MS = 50;
const REPLY_MS = 2000;

/** A real cluster on loopback, in a folder of its own. Its nodes can be killed, stopped and started again. */
export class RedisCluster {
  readonly replicas: number;
  #nodes: readonly RedisNode[];
  #primaries: number;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #hostOf: (at: number) => string;
  readonly #certificate: ClusterShape["certificate"];

  private constructor(folder: string, ports: readonly number[], shape: ClusterShape) {
    const { primaries = 3, replicas = 1, nodeTimeoutMs = 1000, settings = {}, hostOf = () => HOST } = shape;
    this.#folder = folder;
    this.#primaries = primaries;
    this.replicas = replicas;
    this.#settings = { ...SETTINGS, "cluster-node-timeout": String(nodeTimeoutMs), ...settings };
    this.#hostOf = hostOf;
    this.#certificate = shape.certificate;
    this.#nodes = ports.map((port, at) => this.#newNode(port, at));
  }

  get nodes(): readonly RedisNode[] {
    return this.#nodes;
  }

  /** Primaries that have slots. */
  get primaries(): number {
    return this.#primaries;
  }

  static async start(shape: ClusterShape = {}): Promise<RedisCluster> {
    const { primaries = 3, replicas = 1 } = shape;
    const folder = mkdtempSync(join(tmpdir(), "kvasir-redis-"));
    const cluster = new RedisCluster(folder, await freePorts(primaries * (1 + replicas)), shape);
    try {
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await cluster.#join();
      await cluster.whole();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** A server that is not part of a cluster. */
  static async startSingle(): Promise<RedisCluster> {
    const folder = mkdtempSync(join(tmpdir(), "kvasir-redis-"));
    const settings = { "cluster-enabled": "no" };
    const single = new RedisCluster(folder, await freePorts(1), { primaries: 1, replicas: 0, settings });
    await Promise.all(single.nodes.map((node) => node.start()));
    return single;
  }

  /** The same with TLS. */
  tlsLocator(name: string, user: string): string {
    const hosts = this.nodes.slice(0, 3).map(({ port }) => `${HOST}:${port + TLS_PORT_OFFSET}`);
    return `valkeys://${user}@${hosts.join(",")}/${name}`;
  }

  /** A locator of data on this cluster. */
  locator(name: string, options = ""): string {
    const hosts = this.nodes.slice(0, 3).map(({ host, port }) => `${host}:${port}`);
    return `valkey://${hosts.join(",")}/${name}${options}`;
  }

  /** Resolves when each primary has all its replicas, and every node knows it. */
  async whole(): Promise<void> {
    await until("the cluster is whole", async () => {
      const views = await Promise.all(this.nodes.map((node) => node.view()));
      return (
        views.every(({ isOk }) => isOk) &&
        views.filter(({ isPrimary }) => isPrimary).length === this.primaries &&
        views.every(({ isPrimary, following }) => !isPrimary || following === this.replicas) &&
        views.every(
          ({ shards }) =>
            shards.length === this.primaries &&
            shards.every(({ replicas }) => replicas.filter(({ isAway }) => !isAway).length === this.replicas),
        )
      );
    });
  }

  /** The node that serves a slot, as the others see it. */
  async primaryOf(slot: number): Promise<RedisNode> {
    for (const node of this.nodes) {
      if (!node.isRunning) continue;
      const { nodes } = await node.topology();
      const owner = nodes.find(
        ({ isAway, slots }) => !isAway && slots.some(([first, last]) => first <= slot && slot <= last),
      );
      const found = this.nodes.find(({ port }) => port === owner?.port);
      if (found !== undefined) return found;
    }
    throw new Error(`No node serves slot ${slot}.`);
  }

  /** The replicas of a primary. */
  async replicasOf(primary: RedisNode): Promise<readonly RedisNode[]> {
    const id = await primary.id();
    const { nodes } = await primary.topology();
    const ports = nodes.filter(({ primaryId }) => primaryId === id).map(({ port }) => port);
    return this.nodes.filter(({ port }) => ports.includes(port));
  }

  /** Starts a primary without slots, and its replicas. */
  async addShard(): Promise<readonly RedisNode[]> {
    const from = this.#nodes.length;
    const ports = await freePorts(1 + this.replicas, (this.#nodes.at(-1)?.port ?? 0) + 1);
    const added = ports.map((port, at) => this.#newNode(port, from + at));
    const [primary, ...replicas] = added;
    if (primary === undefined) throw new Error("A shard has a primary.");
    await Promise.all(added.map((node) => node.start()));
    this.#nodes = [...this.#nodes, ...added];
    for (const { host, port } of added)
      await this.#nodes[0]?.ask("CLUSTER", "MEET", host, port, busPort(port));
    await this.#met();
    for (const replica of replicas) await replica.ask("CLUSTER", "REPLICATE", await primary.id());
    this.#primaries++;
    return added;
  }

  /** Removes nodes that serve no slot any more. */
  async removeShard(removed: readonly RedisNode[]): Promise<void> {
    this.#nodes = this.#nodes.filter((node) => !removed.includes(node));
    this.#primaries--;
    const ids = await Promise.all(removed.map((node) => node.id()));
    await Promise.all(removed.map((node) => node.kill()));
    for (const node of this.#nodes) for (const id of ids) await node.ask("CLUSTER", "FORGET", id);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #join(): Promise<void> {
    const [first, ...others] = this.nodes;
    if (first === undefined) throw new Error("A cluster has nodes.");
    const each = Math.ceil(SLOTS / this.primaries);
    const primaries = this.nodes.slice(0, this.primaries);
    for (const [at, node] of primaries.entries()) {
      const last = Math.min(SLOTS, (at + 1) * each) - 1;
      await node.ask("CLUSTER", "ADDSLOTSRANGE", at * each, last);
      await node.ask("CLUSTER", "SET-CONFIG-EPOCH", at + 1);
    }
    for (const { host, port } of others) await first.ask("CLUSTER", "MEET", host, port, busPort(port));
    await this.#met();
    for (const [at, node] of this.nodes.slice(this.primaries).entries()) {
      const primary = primaries[at % this.primaries] as RedisNode;
      await node.ask("CLUSTER", "REPLICATE", await primary.id());
    }
  }

  async #met(): Promise<void> {
    await until("all nodes have met", async () => {
      const views = await Promise.all(this.nodes.map((node) => node.topology()));
      return views.every(({ nodes }) => nodes.length === this.nodes.length);
    });
  }

  #newNode(port: number, at: number): RedisNode {
    return new RedisNode({ host: this.#hostOf(at), port }, join(this.#folder, String(port)), {
      ...this.#settings,
      ...tlsSettings(port, this.#certificate),
    });
  }
}

/** One server of a cluster. */
export class RedisNode {
  readonly host: string;
  readonly port: number;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess | null = null;
  #connection: NodeConnection | null = null;

  constructor({ host, port }: Address, folder: string, settings: Readonly<Record<string, string>>) {
    this.host = host;
    this.port = port;
    this.#folder = folder;
    this.#settings = settings;
    mkdirSync(folder, { recursive: true });
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  /** Starts the server, also again after a kill: its data are still there. */
  async start(): Promise<void> {
    const own = {
      bind: this.host,
      // Otherwise connections between nodes come from 127.0.0.1, whatever the node's address.
      "bind-source-addr": this.host,
      port: String(this.port),
      "cluster-port": String(busPort(this.port)),
      dir: this.#folder,
    };
    const args = Object.entries({ ...this.#settings, ...own, logfile: join(this.#folder, "log") });
    if (SERVER_PATH === undefined) throw new Error("This machine has no redis-server.");
    const child = spawn(
      SERVER_PATH,
      args.flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: "ignore" },
    );
    this.#process = child;
    child.once("exit", () => {
      if (this.#process === child) this.#process = null;
    });
    await until(`the server on port ${this.port} replies`, async () => {
      if (!this.isRunning) throw new Error(`The server on port ${this.port} did not start.`);
      return String(await this.ask("PING")) === "PONG";
    });
  }

  /** One command on a connection of its own. */
  async ask(...command: Command): Promise<Reply> {
    const { requirepass: password } = this.#settings;
    if (!this.#connection?.isOpen) {
      const access = { username: undefined, password, tls: false };
      this.#connection = await NodeConnection.open(this, access);
    }
    return await this.#connection.ask(command, REPLY_MS);
  }

  /** What this node thinks of itself and of the cluster. */
  async view() {
    const info = String(await this.ask("CLUSTER", "INFO"));
    const replication = String(await this.ask("INFO", "replication"));
    const isPrimary = replication.includes("role:master");
    const isLinked = isPrimary || replication.includes("master_link_status:up");
    return {
      isOk: info.includes("cluster_state:ok") && isLinked,
      isPrimary,
      following: replicasFollowing(replication),
      shards: shardsOf(await this.topology()),
    };
  }

  async topology(): Promise<Topology> {
    return parseTopology(String(await this.ask("CLUSTER", "NODES")), this);
  }

  /** Its id in the cluster. */
  async id(): Promise<string> {
    return String(await this.ask("CLUSTER", "MYID"));
  }

  /** As if its machine lost power, but for what the system still writes to disk. */
  async kill(): Promise<void> {
    this.#connection?.close();
    const child = this.#process;
    if (child === null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** The server does nothing until {@link resume}; its connections stay open. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }
}

function tlsSettings(port: number, certificate: ClusterShape["certificate"]): Record<string, string> {
  if (certificate === undefined) return {};
  return {
    "tls-port": String(port + TLS_PORT_OFFSET),
    "tls-key-file": certificate.key,
    "tls-cert-file": certificate.certificate,
    "tls-ca-cert-file": certificate.certificate,
    "tls-auth-clients": "no",
    // Nodes tell clients with TLS the port for it only then.
    "tls-cluster": "yes",
    "tls-replication": "yes",
  };
}

/** A port for the bus beside each port for clients. */
function busPort(port: number): number {
  return port + 10_000;
}

/** @param least the lowest port that may be taken */
async function freePorts(count: number, least = 0): Promise<readonly number[]> {
  const ports: number[] = [];
  // Below the range from which the system gives ports to outgoing connections, and apart from the other workers
  // of the test runner.
  const first = 20_000 + (Number(process.env["VITEST_POOL_ID"] ?? 0) % 3) * 900;
  const from = Math.max(least, first + Math.floor(Math.random() * 800));
  for (let port = from; ports.length < count; port++) {
    if (port > 22_700) throw new Error("There are no free ports.");
    const all = [port, busPort(port), port + TLS_PORT_OFFSET];
    if ((await Promise.all(all.map(isFree))).every(Boolean)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const lateMs = performance.now() + PROCESS_MS_MAX;
  let reason: unknown;
  while (performance.now() < lateMs) {
    try {
      if (await holds()) return;
    } catch (error) {
      reason = error;
    }
    await pause(LOOK_MS);
  }
  throw new Error(`It did not come to pass that ${what}.`, { cause: reason });
}
