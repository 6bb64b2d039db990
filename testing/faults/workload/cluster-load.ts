import { setTimeout as pause } from "node:timers/promises";
import { type Database, type KVNamespace, KvError } from "@kvasir/store";
import { expect } from "vitest";

const WRITERS = 6;
const COUNTERS = 4;
const REGISTERS = 8;
const PAUSE_MS = 20;
const ACKNOWLEDGED_MS_MAX = 25_000;

interface Counter {
  acknowledged: number;
  inDoubt: number;
}

/**
 * Clients that write all the time and remember what was acknowledged: keys that are written once, counters, and
 * registers that are changed by compare-and-set.
 */
export class ClusterLoad {
  /** Writes that were refused. */
  unavailable = 0;
  /** Writes of unknown outcome. */
  inDoubt = 0;
  acknowledged = 0;
  readonly #kv: KVNamespace;
  readonly #written: string[] = [];
  readonly #counters: Counter[] = Array.from({ length: COUNTERS }, () => ({ acknowledged: 0, inDoubt: 0 }));
  /** For each register: the versions from which a change was acknowledged, and the newest version. */
  readonly #registers = Array.from({ length: REGISTERS }, () => ({
    from: new Set<number | null>(),
    newest: 0,
  }));
  readonly #clients: Promise<void>[] = [];
  #isStopped = false;

  private constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  static async start(database: Database): Promise<ClusterLoad> {
    const load = new ClusterLoad(database.namespace("load"));
    await load.#kv.put("first", "");
    for (let at = 0; at < WRITERS; at++) load.#run(() => load.#putNew());
    for (let at = 0; at < COUNTERS; at++) load.#run(() => load.#increment(at));
    for (let at = 0; at < REGISTERS; at++)
      for (let client = 0; client < 2; client++) load.#run(() => load.#swap(at));
    return load;
  }

  /** Resolves when so many more writes have been acknowledged. */
  async untilAcknowledged(count: number): Promise<void> {
    const wanted = this.acknowledged + count;
    await expect.poll(() => this.acknowledged, { timeout: ACKNOWLEDGED_MS_MAX }).toBeGreaterThan(wanted);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
  }

  /** Compares what is stored with what was acknowledged. */
  async verify(): Promise<void> {
    const lost: string[] = [];
    for (let at = 0; at < this.#written.length; at += 100) {
      const keys = this.#written.slice(at, at + 100);
      const found = await this.#kv.get(keys);
      lost.push(...keys.filter((key) => found.get(key) !== key));
    }
    expect(lost).toEqual([]);
    const listed = new Set<string>();
    for (let cursor: string | undefined; ; ) {
      const page = await this.#kv.list({ prefix: "new:", cursor });
      for (const { name } of page.keys) listed.add(name);
      if (page.list_complete) break;
      cursor = page.cursor;
    }
    expect(this.#written.filter((key) => !listed.has(key))).toEqual([]);
    for (const [at, { acknowledged, inDoubt }] of this.#counters.entries()) {
      const count = Number((await this.#kv.get(`counter:${at}`)) ?? 0);
      expect(count).toBeGreaterThanOrEqual(acknowledged);
      expect(count).toBeLessThanOrEqual(acknowledged + inDoubt);
    }
    for (const [at, { newest }] of this.#registers.entries()) {
      const { version } = await this.#kv.getWithMetadata(`register:${at}`, { version: true });
      expect(version).toBeGreaterThanOrEqual(newest);
    }
  }

  #run(step: () => Promise<void>): void {
    const client = async () => {
      while (!this.#isStopped) {
        try {
          await step();
        } catch (error) {
          if (!(error instanceof KvError)) throw error;
          if (error.code === "outcome_unknown") this.inDoubt++;
          else if (error.code === "unavailable") this.unavailable++;
          else throw error;
          await pause(PAUSE_MS);
        }
      }
    };
    this.#clients.push(client());
  }

  async #putNew(): Promise<void> {
    const key = `new:${this.acknowledged}:${Math.random()}`;
    await this.#kv.put(key, key);
    this.#written.push(key);
    this.acknowledged++;
  }

  async #increment(at: number): Promise<void> {
    const counter = this.#counters[at] as Counter;
    try {
      await this.#kv.increment(`counter:${at}`);
      counter.acknowledged++;
      this.acknowledged++;
    } catch (error) {
      if (error instanceof KvError && error.code === "outcome_unknown") counter.inDoubt++;
      throw error;
    }
  }

  async #swap(at: number): Promise<void> {
    const register = this.#registers[at] as { from: Set<number | null>; newest: number };
    const key = `register:${at}`;
    const { version } = await this.#kv.getWithMetadata(key, { version: true });
    const value = String(Math.random());
    const swapped =
      version === null
        ? await this.#kv.put(key, value, { ifAbsent: true })
        : await this.#kv.put(key, value, { ifVersion: version });
    if (!swapped.ok) return;
    // Two acknowledged changes of one version would both have won.
    expect(register.from.has(version)).toBe(false);
    register.from.add(version);
    register.newest = Math.max(register.newest, swapped.version ?? 0);
    this.acknowledged++;
  }
}
