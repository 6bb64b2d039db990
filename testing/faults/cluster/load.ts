import { setTimeout as pause } from "node:timers/promises";
import { type Database, type KVNamespace, KvError } from "@kvasir/store";
import { bucketNumber } from "../../../packages/store/src/engines/cluster/layout.js";
import { BUCKETS_DEFAULT } from "../../../packages/store/src/engines/cluster/limits.js";
import type { Outcome, Request, Seen } from "./history.js";
import type { Journal } from "./journal.js";

/** What all clients of a run work on. */
export const NAMESPACE = "load";
export const REGISTERS = 6;
export const COUNTERS = 4;
export const PAIRS = 3;
/** Keys that are there all along, and keys between them that come and go. */
export const STAYING = 40;
const PASSING = 40;
/** Some of the buckets of a namespace, at equal distances, so that every shard has some of them. */
const WRITTEN_BUCKETS = [0, 3, 6, 9, 12, 15];
/** A tag of each. A loop that stays with one shard goes on when others are away. */
const TAGS = WRITTEN_BUCKETS.map((bucket) => {
  for (let tag = 0; ; tag++) if (bucketNumber(String(tag), BUCKETS_DEFAULT) === bucket) return String(tag);
});

/** Between two operations of one loop. Six servers and their clients share the processors of one machine. */
const PAUSE_MS = 4;
const AFTER_ERROR_MS = 25;
const TTL_SECONDS = 1;
/** Processes read the same clock, but not at the same time. */
const EXPIRED_AFTER_MS = 20;
/** Keys whose expiration is awaited at a time. */
const EXPIRING_MAX = 20;

export interface LoadOptions {
  readonly client: string;
  /** Whether the locator says `reads=strong`. */
  readonly isStrong: boolean;
  readonly journal: Journal;
}

/** One client's operations of all kinds, at the same time, until it is stopped. */
export class Load {
  readonly #database: Database;
  readonly #kv: KVNamespace;
  readonly #options: LoadOptions;
  readonly #loops: Promise<void>[] = [];
  readonly #expiring: { readonly key: string; readonly atMs: number }[] = [];
  #count = 0;
  #isStopped = false;

  constructor(database: Database, options: LoadOptions) {
    this.#database = database;
    this.#kv = database.namespace(NAMESPACE);
    this.#options = options;
  }

  start(): void {
    for (const tag of TAGS) this.#run(() => this.#put(tag));
    for (let loop = 0; loop < 2; loop++) this.#run(() => this.#increment());
    for (let loop = 0; loop < 4; loop++) this.#run(() => this.#swap());
    this.#run(() => this.#read(this.#register()));
    this.#run(() => this.#get());
    this.#run(() => this.#comeAndGo());
    this.#run(() => this.#list());
    this.#run(() => this.#pair());
    this.#run(() => this.#expire());
  }

  /** Finishes what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  #run(step: () => Promise<Outcome | null>): void {
    const loop = async () => {
      while (!this.#isStopped) {
        const outcome = await step();
        await pause(outcome === null || outcome.is === "done" ? PAUSE_MS : AFTER_ERROR_MS);
      }
    };
    this.#loops.push(loop());
  }

  async #carryOut(request: Request, work: () => Promise<unknown>): Promise<Outcome> {
    const id = this.#options.journal.begin(request);
    const outcome = await work().then(
      (result): Outcome => ({ is: "done", result: result ?? null }),
      outcomeOfError,
    );
    this.#options.journal.end(id, outcome);
    return outcome;
  }

  #put(tag: string) {
    const key = `new:{${tag}}:${this.#name()}`;
    return this.#carryOut({ kind: "put", key }, () => this.#kv.put(key, key, { ifAbsent: true }));
  }

  #increment() {
    const key = `counter:${this.#any(COUNTERS)}`;
    return this.#carryOut({ kind: "increment", key }, () => this.#kv.increment(key));
  }

  #read(key: string) {
    const { isStrong } = this.#options;
    return this.#carryOut({ kind: "read", key, isStrong }, async (): Promise<Seen> => {
      const { value, version } = await this.#kv.getWithMetadata(key, { version: true });
      return { value, version };
    });
  }

  async #swap() {
    const key = this.#register();
    const read = await this.#read(key);
    if (read.is !== "done") return read;
    const from = read.result as Seen;
    const value = this.#name();
    return this.#carryOut({ kind: "swap", key, from, value }, () =>
      from.version === null
        ? this.#kv.put(key, value, { ifAbsent: true })
        : this.#kv.put(key, value, { ifVersion: from.version }),
    );
  }

  #get() {
    const key = stayingKey(this.#any(STAYING));
    return this.#carryOut({ kind: "get", key }, () => this.#kv.get(key));
  }

  /** Keys between those that stay, so that lists are of a namespace that changes. */
  #comeAndGo() {
    const key = `list:${String(this.#any(PASSING)).padStart(4, "0")}:passing`;
    return this.#carryOut({ kind: "write", what: key }, () =>
      this.#any(2) === 0 ? this.#kv.put(key, "") : this.#kv.delete(key),
    );
  }

  /** All pages from one end to the other. Each is an operation of its own. */
  async #list(): Promise<Outcome> {
    const { journal } = this.#options;
    const id = journal.begin({ kind: "list" });
    const names: string[] = [];
    const end = (outcome: Outcome) => {
      journal.end(id, outcome);
      return outcome;
    };
    for (let cursor: string | undefined; ; ) {
      const options = { prefix: "list:", limit: 7 + this.#any(40), cursor };
      let page: Awaited<ReturnType<KVNamespace["list"]>> | undefined;
      const outcome = await this.#carryOut({ kind: "page" }, async () => {
        page = await this.#kv.list(options);
      });
      if (page === undefined) return end(outcome);
      names.push(...page.keys.map(({ name }) => name));
      if (page.list_complete) return end({ is: "done", result: names });
      cursor = page.cursor;
    }
  }

  async #pair() {
    const key = `{pair:${this.#any(PAIRS)}}`;
    const [left, right] = [`${key}left`, `${key}right`];
    const value = this.#name();
    if (this.#any(2) === 0) {
      return this.#carryOut({ kind: "pair", key }, async () => {
        const found = await this.#kv.get([left, right]);
        return [found.get(left), found.get(right)];
      });
    }
    return this.#carryOut({ kind: "write", what: key }, () =>
      this.#kv.atomic().put(left, value).put(right, value).commit(),
    );
  }

  /** Writes keys that expire, and reads them when they have. */
  async #expire() {
    const [oldest] = this.#expiring;
    if (oldest !== undefined && Date.now() >= oldest.atMs + EXPIRED_AFTER_MS) {
      this.#expiring.shift();
      const { key } = oldest;
      return this.#carryOut({ kind: "expired", key }, () => this.#kv.get(key));
    }
    if (this.#expiring.length >= EXPIRING_MAX) return null;
    const key = `expiring:${this.#name()}`;
    const outcome = await this.#carryOut({ kind: "write", what: key }, () =>
      this.#kv.put(key, key, { expirationTtl: TTL_SECONDS }),
    );
    // Its expiration was decided before, so it has passed a second from now, whatever the outcome.
    this.#expiring.push({ key, atMs: Date.now() + TTL_SECONDS * 1000 });
    return outcome;
  }

  #register(): string {
    return `register:${this.#any(REGISTERS)}`;
  }

  /** A name that no other operation of any client has. */
  #name(): string {
    return `${this.#options.client}:${++this.#count}`;
  }

  #any(count: number): number {
    return Math.floor(Math.random() * count);
  }

  /** Tells the journal of all changes of keys that are written once, from `since` on. */
  async watch(
    since: string,
    { session, onPosition }: { readonly session: string; readonly onPosition: (position: string) => void },
  ): Promise<void> {
    const { id } = await this.#database.catalog.ensureTitle(NAMESPACE);
    const { journal } = this.#options;
    const passed = (position: string) => {
      journal.passed(position);
      onPosition(position);
    };
    const query = { namespace: id, prefix: "new:", since, onPassed: passed };
    for await (const { key, version, position } of this.#database.store.changes.watch(query)) {
      journal.told({ session, key, version }, position);
      onPosition(position);
    }
  }
}

export function stayingKey(at: number): string {
  return `list:${String(at).padStart(4, "0")}:staying`;
}

export function outcomeOfError(error: unknown): Outcome {
  const code = error instanceof KvError ? error.code : undefined;
  if (code === "unavailable") return { is: "refused" };
  if (code === "outcome_unknown") return { is: "unknown" };
  return { is: "unexpected", error: String(error) };
}
