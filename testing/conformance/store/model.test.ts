import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Condition, FakeClock, type ListQuery, type Mutation } from "@kvasir/store";
import { afterAll, expect, test } from "vitest";
import { type LmdbStore, openLmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import { Random } from "../../harness/random.js";
import { Model, type ModelEntry } from "./model.js";
import { bytesOf, input, NAMESPACE, patternBytes } from "./store-case.js";

const SEEDS =
  process.env["KVASIR_SEED"] === undefined ? [1, 2, 3, 4, 5] : [Number(process.env["KVASIR_SEED"])];
const STEPS = 2500;

/** Few keys, so that operations meet. Some share prefixes, and some sort differently in UTF-8 and UTF-16. */
const KEYS = [
  ...["a", "a/", "a/1", "a/2", "a/20", "b", "n1", "n2", "\0", "a\0", "a\0b", "\x7f"],
  ...["é", "日", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}", "\u{10ffff}a"],
  ...["z".repeat(512), "é".repeat(256), "\u{10ffff}".repeat(128)],
];
const PREFIXES = ["a", "a/", "a\0", "n", "日", "\uffff", "\u{10ffff}", "\u{10ffff}".repeat(127), "none"];
const SIZES = [0, 1, 20, 20, 20, 1024, 1025, 5000, 131_072, 300_000];

const root = mkdtempSync(join(tmpdir(), "kvasir-model-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(SEEDS)("seed %i: the store does what a Map would do", async (seed) => {
  const run = new Run(seed, join(root, `seed${seed}`));
  for (let step = 0; step < STEPS; step++) {
    try {
      await run.step();
    } catch (error) {
      throw new Error(`Step ${step} of seed ${seed} (KVASIR_SEED=${seed}) went wrong: ${run.doing}`, {
        cause: error,
      });
    }
  }
  await run.finish();
});

class Run {
  doing = "";
  readonly #random: Random;
  readonly #path: string;
  readonly #clock = new FakeClock();
  readonly #model: Model;
  #store: LmdbStore;
  #ready: Promise<unknown>;
  #lastVersion = 0;

  constructor(seed: number, path: string) {
    this.#random = new Random(seed);
    this.#path = path;
    this.#model = new Model(() => this.#clock.nowMs());
    this.#store = openLmdbStore(path, { clock: this.#clock, durability: "relaxed" });
    this.#ready = this.#store.namespaces.create({ id: NAMESPACE, title: "Model" });
  }

  async step(): Promise<void> {
    await this.#ready;
    const random = this.#random;
    const key = random.pick(KEYS);
    const dice = random.next();
    if (dice < 0.3) await this.#put(key);
    else if (dice < 0.4) await this.#delete(key);
    else if (dice < 0.48) await this.#increment(key);
    else if (dice < 0.54) await this.#touch(key);
    else if (dice < 0.6) await this.#commit();
    else if (dice < 0.75) await this.#get(key);
    else if (dice < 0.9) await this.#list();
    else if (dice < 0.97) this.#advance();
    else if (dice < 0.995) await this.#sweep();
    else await this.#reopen();
  }

  async finish(): Promise<void> {
    for (const key of KEYS) await this.#get(key);
    await this.#sweep();
    expect(this.#store.maintenance.check().problems).toEqual([]);
    this.#clock.advance(1e9);
    await this.#sweep();
    expect(this.#store.maintenance.check().problems).toEqual([]);
    await this.#store.close();
  }

  async #put(key: string): Promise<void> {
    const size = this.#random.pick(SIZES);
    const value = patternBytes(size, this.#random.below(1000));
    const expirationMs = this.#expiration();
    const metadata = this.#random.chance(0.3) ? JSON.stringify({ size, key }) : null;
    const condition = this.#condition(key);
    this.doing = `put ${key} of ${size} bytes, expiration ${expirationMs}, condition ${condition}`;
    const outcome = await this.#store.entries.put(
      NAMESPACE,
      key,
      input(value, { expirationMs, metadata }),
      condition,
    );
    const before = this.#model.get(key);
    expect(outcome.existed).toBe(before !== null);
    expect(outcome.ok).toBe(holds(condition, before));
    if (!outcome.ok) return expect(outcome.version).toBe(before?.version ?? null);
    const version = this.#newVersion(outcome.version);
    this.#model.set(key, { value, version, expirationMs, metadata });
  }

  async #delete(key: string): Promise<void> {
    const condition = this.#condition(key);
    this.doing = `delete ${key}, condition ${condition}`;
    const outcome = await this.#store.entries.delete(NAMESPACE, key, condition);
    const before = this.#model.get(key);
    expect(outcome.existed).toBe(before !== null);
    expect(outcome.ok).toBe(holds(condition, before));
    if (outcome.ok) this.#model.delete(key);
  }

  async #increment(key: string): Promise<void> {
    const by = this.#random.below(100) - 50;
    const expirationMs = this.#expiration();
    this.doing = `increment ${key} by ${by}`;
    const before = this.#model.get(key);
    const expected = incremented(before, by);
    const result = await this.#store.entries
      .increment(NAMESPACE, key, by, expirationMs)
      .catch((error) => error);
    if (expected === null) return expect(result).toMatchObject({ code: "value_not_integer" });
    expect(result.value).toBe(expected);
    this.#model.set(key, {
      value: Buffer.from(String(expected)),
      version: this.#newVersion(result.version),
      expirationMs: before === null ? expirationMs : before.expirationMs,
      metadata: before?.metadata ?? null,
    });
  }

  async #touch(key: string): Promise<void> {
    const expirationMs = this.#expiration();
    const condition = this.#condition(key);
    this.doing = `touch ${key}, expiration ${expirationMs}, condition ${condition}`;
    const outcome = await this.#store.entries.touch(NAMESPACE, key, expirationMs, condition);
    const before = this.#model.get(key);
    expect(outcome.ok).toBe(before !== null && holds(condition, before));
    if (!outcome.ok || before === null) return;
    this.#model.set(key, { ...before, expirationMs, version: this.#newVersion(outcome.version) });
  }

  async #commit(): Promise<void> {
    const checked = this.#random.pick(KEYS);
    const expected = this.#random.chance(0.8) ? (this.#model.get(checked)?.version ?? null) : 1;
    const mutations = Array.from({ length: 1 + this.#random.below(4) }, () => this.#mutation());
    this.doing = `commit ${JSON.stringify(mutations)} when ${checked} is at ${expected}`;
    const changed = this.#applied(mutations);
    const version = await this.#store.entries
      .commit(NAMESPACE, [{ key: checked, version: expected }], mutations)
      .catch((error) => error);
    if (expected !== (this.#model.get(checked)?.version ?? null)) return expect(version).toBeNull();
    if (changed === null) return expect(version).toMatchObject({ code: "value_not_integer" });
    this.#newVersion(version);
    for (const [key, entry] of changed) {
      if (entry === null) this.#model.delete(key);
      else this.#model.set(key, { ...entry, version });
    }
  }

  #mutation(): Mutation {
    const key = this.#random.pick(KEYS);
    const dice = this.#random.next();
    if (dice < 0.3) return { type: "delete", key };
    const expirationMs = this.#expiration();
    if (dice < 0.5) return { type: "increment", key, by: this.#random.below(10), expirationMs };
    const value = this.#random.chance(0.5) ? "7" : patternBytes(this.#random.pick(SIZES));
    return { type: "put", key, ...input(value, { expirationMs }) };
  }

  /** The changes that the mutations make in order, or `null` if one of them must fail. */
  #applied(mutations: readonly Mutation[]): Map<string, ModelEntry | null> | null {
    const changed = new Map<string, ModelEntry | null>();
    for (const mutation of mutations) {
      const { key } = mutation;
      const before = changed.has(key) ? (changed.get(key) ?? null) : this.#model.get(key);
      if (mutation.type === "delete") changed.set(key, null);
      else if (mutation.type === "put") {
        const value = Buffer.from(mutation.value as Uint8Array);
        changed.set(key, { value, version: 0, expirationMs: mutation.expirationMs, metadata: null });
      } else {
        const sum = incremented(before, mutation.by);
        if (sum === null) return null;
        const created = { version: 0, expirationMs: mutation.expirationMs, metadata: null };
        changed.set(key, { ...(before ?? created), value: Buffer.from(String(sum)) });
      }
    }
    return changed;
  }

  async #get(key: string): Promise<void> {
    this.doing = `get ${key}`;
    const entry = this.#store.entries.get(NAMESPACE, key);
    const expected = this.#model.get(key);
    if (expected === null) return expect(entry).toBeNull();
    const { value, ...header } = expected;
    expect(entry).toMatchObject(header);
    expect((await bytesOf(entry?.value ?? Buffer.of())).equals(value)).toBe(true);
  }

  async #list(): Promise<void> {
    const random = this.#random;
    const maybeKey = () => (random.chance(0.2) ? random.pick(KEYS) : undefined);
    const query: ListQuery = {
      prefix: random.chance(0.3) ? random.pick(PREFIXES) : undefined,
      start: maybeKey(),
      end: maybeKey(),
      after: maybeKey(),
      reverse: random.chance(0.3),
      values: random.chance(0.3),
      limit: 1 + random.below(KEYS.length + 2),
    };
    this.doing = `list ${JSON.stringify(query)}`;
    const expected = this.#model.keys(query);
    const page = this.#store.entries.list(NAMESPACE, query);
    expect(page.entries.map((entry) => entry.key)).toEqual(expected.slice(0, query.limit));
    expect(
      page.after === null || page.after === expected[query.limit - 1] || page.entries.length < query.limit,
    ).toBe(true);
    if (page.after === null) expect(expected.length).toBeLessThanOrEqual(query.limit);
    for (const entry of page.entries) {
      const { value, ...header } = this.#model.get(entry.key) as ModelEntry;
      expect(entry).toMatchObject({ ...header, valueBytes: value.length });
      if (entry.value !== undefined) expect((await bytesOf(entry.value)).equals(value)).toBe(true);
    }
    const { after: _, ...range } = query;
    expect(await this.#store.entries.count(NAMESPACE, range)).toBe(this.#model.keys(range).length);
  }

  #advance(): void {
    const ms = this.#random.pick([1, 100, 1000, 5000, 700_000]);
    this.doing = `advance ${ms} ms`;
    this.#clock.advance(ms);
  }

  async #sweep(): Promise<void> {
    this.doing = "sweep";
    await this.#store.maintenance.sweep();
    expect(this.#store.maintenance.check().problems).toEqual([]);
  }

  async #reopen(): Promise<void> {
    this.doing = "reopen";
    await this.#store.close();
    this.#store = openLmdbStore(this.#path, { clock: this.#clock, durability: "relaxed" });
    expect(this.#store.maintenance.check().problems).toEqual([]);
  }

  #expiration(): number | null {
    return this.#random.chance(0.5) ? null : this.#clock.nowMs() + 1 + this.#random.below(6000);
  }

  #condition(key: string): Condition {
    const dice = this.#random.next();
    if (dice < 0.6) return undefined;
    if (dice < 0.75) return null;
    return dice < 0.9 ? (this.#model.get(key)?.version ?? null) : this.#lastVersion;
  }

  /** Versions only grow, in the whole store. */
  #newVersion(version: number | null): number {
    expect(version).toBeGreaterThan(this.#lastVersion);
    this.#lastVersion = version ?? 0;
    return this.#lastVersion;
  }
}

function holds(condition: Condition, before: ModelEntry | null): boolean {
  return condition === undefined || condition === (before?.version ?? null);
}

/** Returns `null` if the stored value is not a counter. */
function incremented(before: ModelEntry | null, by: number): number | null {
  if (before === null) return by;
  const text = before.value.toString("latin1");
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) return null;
  return Number(text) + by;
}
