import type { Unit } from "./unit.js";

/** A goal of Kvasir. Each target is compared with one row, and a run reports whether it was reached. */
export interface Target {
  readonly name: string;
  /** What is compared: the ratio to a peer of the same run, or the figure itself. */
  readonly of: "ratio" | "figure";
  readonly bound: "at least" | "at most";
  readonly value: number;
  /** The unit of the value, unless it is a ratio. */
  readonly unit?: Unit;
  /** The scenario with the row. */
  readonly scenario: string;
}

const ratioAtLeast = (value: number) => ({ of: "ratio", bound: "at least", value }) as const;
const ratioAtMost = (value: number) => ({ of: "ratio", bound: "at most", value }) as const;
const atLeast = (value: number, unit: Unit) => ({ of: "figure", bound: "at least", value, unit }) as const;
const atMost = (value: number, unit: Unit) => ({ of: "figure", bound: "at most", value, unit }) as const;

export const targets = {
  getOverLmdb: { name: "embedded get / raw lmdb", ...ratioAtLeast(0.6), scenario: "embedded-get" },
  getOverDenoKv: { name: "embedded get / @deno/kv", ...ratioAtLeast(50), scenario: "embedded-get" },
  getOverRedis: { name: "embedded get / Redis client", ...ratioAtLeast(30), scenario: "embedded-get" },
  httpGetOverBare: { name: "HTTP GET / bare node:http", ...ratioAtLeast(0.85), scenario: "http-get" },
  httpGetOverWebdis: { name: "HTTP GET / webdis + Redis", ...ratioAtLeast(1), scenario: "http-get" },
  httpPutOverWebdis: { name: "durable HTTP PUT / webdis + Redis", ...ratioAtLeast(1), scenario: "http-put" },
  workerGetOverMiniflare: { name: "Worker's get / Miniflare", ...ratioAtLeast(5), scenario: "worker-get" },
  cachedGetOverIdle: {
    name: "Worker's get with cacheTtl / Worker that reads nothing",
    ...ratioAtLeast(0.95),
    scenario: "worker-get",
  },
  cacheHitOverGet: {
    name: "hit of the Cache API / Worker's get",
    ...ratioAtLeast(0.5),
    scenario: "worker-cache",
  },
  cachePut: {
    name: "put of 1,000,000 bytes to the Cache API",
    ...atLeast(10, "requests/s"),
    scenario: "worker-cache",
  },
  pythonOverUvicorn: {
    name: "Python function / uvicorn",
    ...ratioAtLeast(0.9),
    scenario: "python-go-functions",
  },
  goOverNetHttp: { name: "Go function / net/http", ...ratioAtLeast(0.9), scenario: "python-go-functions" },
  pythonGetOverRedis: {
    name: "Python client's get / redis-py",
    ...ratioAtLeast(0.9),
    scenario: "python-go-clients",
  },
  goGetOverRedis: { name: "Go client's get / go-redis", ...ratioAtLeast(0.9), scenario: "python-go-clients" },
  devReady: { name: "kvasir dev ready on a small Worker", ...atMost(400, "ms"), scenario: "dev" },
  editServed: { name: "edit to served", ...atMost(100, "ms"), scenario: "dev" },
  getGrowth: { name: "get among 10 million keys / 10 thousand", ...ratioAtMost(1.5), scenario: "growth" },
  listGrowth: {
    name: "list page among 10 million keys / 10 thousand",
    ...ratioAtMost(1.5),
    scenario: "growth",
  },
  namespacesCreated: {
    name: "namespaces created among 20,000 / among few",
    ...ratioAtLeast(0.8),
    scenario: "namespaces",
  },
  namespacesFound: {
    name: "namespace found by title among 20,000 / among few",
    ...ratioAtLeast(0.8),
    scenario: "namespaces",
  },
  watchedPuts: {
    name: "durable put beside 1,000 watches of other prefixes / without",
    ...ratioAtLeast(0.9),
    scenario: "watchers",
  },
  memory: { name: "memory beyond page cache at 10 million keys", ...atMost(300, "MB"), scenario: "memory" },
  exportRate: { name: "entries exported to a file", ...atLeast(200_000, "entries/s"), scenario: "transfer" },
  importRate: {
    name: "entries imported from a file",
    ...atLeast(100_000, "entries/s"),
    scenario: "transfer",
  },
  exportMemory: { name: "memory of an export of a million", ...atMost(150, "MB"), scenario: "transfer" },
  importMemory: { name: "memory of an import of a million", ...atMost(150, "MB"), scenario: "transfer" },
  backupRate: { name: "hot backup / cp of the same file", ...ratioAtLeast(0.5), scenario: "backup" },
  backupWriters: {
    name: "p99 of durable puts during a backup / without",
    ...ratioAtMost(2),
    scenario: "backup",
  },
  clusterPut: {
    name: "durable put on a cluster, 256 callers / its client alone",
    ...ratioAtLeast(0.7),
    scenario: "cluster",
  },
  clusterGet: {
    name: "get on a cluster, 256 callers / its client alone",
    ...ratioAtLeast(0.7),
    scenario: "cluster",
  },
  sweepRate: { name: "expired entries removed", ...atLeast(200_000, "entries/s"), scenario: "sweep" },
  sweepReads: { name: "p99 of reads while sweeping / idle", ...ratioAtMost(2), scenario: "sweep" },
} as const satisfies Record<string, Target>;
