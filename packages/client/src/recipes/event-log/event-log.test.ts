import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { KvError } from "../../namespace/errors.js";
import type {
  KVNamespace,
  KVNamespaceListOptions,
  KvAtomic,
  KvWatchOptions,
} from "../../namespace/kv-namespace.js";
import type { KVBinding } from "../../typed/binding.js";
import { type EventLogOptions, eventLog } from "./event-log.js";

let clock: FakeClock;
let database: ReturnType<typeof open>;
let kv: KVNamespace;

beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  kv = database.namespace("events");
});
afterEach(() => database.close());

const logOf = (options: EventLogOptions = {}, namespace = kv) =>
  eventLog<string>(namespace, { clock, sleep: async () => {}, ...options });

/** A namespace with only the five methods of Workers KV. */
const plain = (): KVBinding => ({
  get: kv.get.bind(kv),
  getWithMetadata: kv.getWithMetadata.bind(kv),
  put: kv.put.bind(kv),
  delete: kv.delete.bind(kv),
  list: kv.list.bind(kv),
});

/** `kv` with its commits replaced by `commit`. */
function committing(commit: (atomic: KvAtomic) => ReturnType<KvAtomic["commit"]>): KVNamespace {
  return new Proxy(kv, {
    get(target, name) {
      if (name === "atomic") {
        return () => {
          const atomic = target.atomic();
          const real = atomic.commit.bind(atomic);
          atomic.commit = () => commit({ commit: real } as KvAtomic);
          return atomic;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const LOST = new KvError("unavailable", "The answer was lost.");

async function allOf(log = logOf()) {
  const { events } = await log.oldest({ limit: 1000 });
  return events.map(({ data }) => data);
}

describe("append", () => {
  test("numbers events 1, 2, 3, … and says which number each got", async () => {
    const log = logOf();
    expect(await log.append("a")).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      sequence: 1,
      atMs: clock.nowMs(),
      data: "a",
    });
    expect(await log.append("b")).toMatchObject({ sequence: 2 });
    // Another process, which does not know the head yet.
    expect(await logOf().append("c")).toMatchObject({ sequence: 3 });
    expect(await log.append("d")).toMatchObject({ sequence: 4 });
    expect(await allOf()).toEqual(["a", "b", "c", "d"]);
  });

  test("keeps every event of many writers, each one's in order, without a gap", async () => {
    const writers = Array.from({ length: 8 }, (_, writer) =>
      Promise.all(Array.from({ length: 50 }, (_, at) => log(writer).append(`${writer}:${at}`))),
    );
    const numbers = (await Promise.all(writers)).flat().map(({ sequence }) => sequence);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
    const { events } = await logOf().oldest({ limit: 1000 });
    for (let writer = 0; writer < 8; writer++) {
      const own = events.filter(({ data }) => data.startsWith(`${writer}:`)).map(({ data }) => data);
      expect(own).toEqual(Array.from({ length: 50 }, (_, at) => `${writer}:${at}`));
    }
  });
  const logs = new Map<number, ReturnType<typeof logOf>>();
  beforeEach(() => logs.clear());
  function log(writer: number) {
    const existing = logs.get(writer) ?? logOf();
    logs.set(writer, existing);
    return existing;
  }

  test("commits what overlaps in a process together", async () => {
    let commits = 0;
    const counted = logOf(
      {},
      committing((atomic) => {
        commits++;
        return atomic.commit();
      }),
    );
    await Promise.all(Array.from({ length: 100 }, (_, at) => counted.append(String(at))));
    expect(commits).toBe(2);
    expect(await allOf()).toEqual(Array.from({ length: 100 }, (_, at) => String(at)));
  });

  test("goes on after the right number when a process that slept wakes up", async () => {
    const asleep = logOf({ maxAgeSeconds: 60 });
    await asleep.append("old");
    const awake = logOf({ maxAgeSeconds: 60 });
    for (let at = 0; at < 5; at++) await awake.append("between");
    await clock.advance(61_000);
    // All events are gone, but their numbers are not reused.
    expect(await asleep.append("new")).toMatchObject({ sequence: 7 });
    expect(await allOf()).toEqual(["new"]);
  });

  test("makes an append once whose answer was lost", async () => {
    let lost = 0;
    const log = logOf(
      {},
      committing(async (atomic) => {
        const answer = await atomic.commit();
        if (++lost % 2 === 1) throw LOST;
        return answer;
      }),
    );
    expect(await log.append("a")).toMatchObject({ sequence: 1 });
    expect(await log.append("b")).toMatchObject({ sequence: 2 });
    expect(await allOf()).toEqual(["a", "b"]);
  });

  test("makes an append that was lost on its way, also when it arrives after all", async () => {
    const late: (() => Promise<unknown>)[] = [];
    const log = logOf(
      {},
      committing(async (atomic) => {
        if (late.length > 0) return atomic.commit();
        late.push(() => atomic.commit());
        throw LOST;
      }),
    );
    expect(await log.append("a")).toMatchObject({ sequence: 1 });
    await late[0]?.();
    expect(await allOf()).toEqual(["a"]);
  });

  test("makes it anew when somebody else got the number in between", async () => {
    let lost = false;
    const log = logOf(
      {},
      committing(async (atomic) => {
        if (lost) return atomic.commit();
        lost = true;
        await logOf().append("another's");
        throw LOST;
      }),
    );
    expect(await log.append("mine")).toMatchObject({ sequence: 2 });
    expect(await allOf()).toEqual(["another's", "mine"]);
  });

  test("says so when it cannot know", async () => {
    let attempts = 0;
    const log = logOf(
      {},
      committing(async () => {
        attempts++;
        throw LOST;
      }),
    );
    await expect(log.append("a")).rejects.toMatchObject({ code: "unavailable" });
    expect(attempts).toBe(3);
  });

  test("makes an append of the same id once, whoever repeats it", async () => {
    const first = await logOf().append("order 7", { id: "7" });
    expect(first).toMatchObject({ id: "7", sequence: 1 });
    const repeated = await Promise.all([
      logOf().append("order 7", { id: "7" }),
      log(0).append("order 7", { id: "7" }),
      log(0).append("between"),
      log(0).append("order 7", { id: "7" }),
      log(0).append("order 8", { id: "8" }),
      log(0).append("order 8", { id: "8" }),
    ]);
    expect(repeated.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 1, 3, 3]);
    expect(await allOf()).toEqual(["order 7", "between", "order 8"]);
  });

  test("returns what the log holds where an id is repeated with another event", async () => {
    const first = await logOf().append("first", { id: "7" });
    await clock.advance(5_000);
    const repeated = await Promise.all([
      logOf().append("second", { id: "7" }),
      log(0).append("third", { id: "8" }),
      log(0).append("fourth", { id: "8" }),
    ]);
    expect(repeated[0]).toEqual(first);
    expect(repeated[2]).toEqual(repeated[1]);
    expect(await allOf()).toEqual(["first", "third"]);
  });

  test("keeps its caps as it goes, by count and by age", async () => {
    const log = logOf({ maxEvents: 3 });
    for (let at = 1; at <= 10; at++) await log.append(String(at));
    await Promise.all([11, 12, 13, 14, 15].map((at) => log.append(String(at))));
    expect(await allOf(log)).toEqual(["13", "14", "15"]);
    expect(await kv.count()).toBe(4);

    const young = logOf({ name: "young", maxAgeSeconds: 5 });
    await young.append("old");
    await clock.advance(5000);
    await young.append("new");
    expect(await allOf(young)).toEqual(["new"]);
    await clock.advance(60_000);
    expect(await kv.count({ prefix: "event-log:young:event" })).toBe(0);
  });

  test("refuses what is no event", async () => {
    const log = eventLog(kv);
    for (const wrong of [undefined, () => 1, 1n]) {
      await expect(log.append(wrong)).rejects.toMatchObject({ code: "value_invalid" });
    }
    await expect(log.append("x".repeat(2_000_000))).rejects.toMatchObject({ code: "value_too_large" });
    await expect(log.append(1, { id: "" })).rejects.toMatchObject({ code: "option_invalid" });
    await expect(log.append(1, { id: "x".repeat(600) })).rejects.toMatchObject({ code: "key_too_long" });
    expect(await kv.count()).toBe(0);
  });
});

describe("appendMany", () => {
  test("puts events next to each other, all or none", async () => {
    const log = logOf();
    const [many] = await Promise.all([log.appendMany(["a", "b", "c"]), logOf().append("other")]);
    const [first = Number.NaN] = many.map(({ sequence }) => sequence);
    expect(many.map(({ sequence }) => sequence)).toEqual([first, first + 1, first + 2]);
    expect(await log.appendMany([])).toEqual([]);
    await expect(log.appendMany(Array.from({ length: 201 }, () => "x"))).rejects.toMatchObject({
      code: "value_too_large",
    });
    expect(await allOf()).toHaveLength(4);
    await log.appendMany(Array.from({ length: 200 }, () => "x"));
    expect(await allOf()).toHaveLength(204);
  });
});

describe("pages", () => {
  test("are read newest first, with a cursor that new events do not move", async () => {
    const log = logOf();
    await log.appendMany(["1", "2", "3", "4", "5"]);
    const first = await log.newest({ limit: 2 });
    expect(first.events.map(({ data }) => data)).toEqual(["5", "4"]);
    await log.append("6");
    const second = await log.newest({ limit: 2, cursor: first.cursor });
    expect(second.events.map(({ data }) => data)).toEqual(["3", "2"]);
    const third = await log.newest({ limit: 2, cursor: second.cursor });
    expect(third).toMatchObject({ events: [{ data: "1", sequence: 1 }], cursor: null });
  });

  test("are read oldest first, and from a number on", async () => {
    const log = logOf();
    await log.appendMany(["1", "2", "3", "4", "5"]);
    const first = await log.oldest({ limit: 2, after: 1 });
    expect(first.events.map(({ data }) => data)).toEqual(["2", "3"]);
    const second = await log.oldest({ limit: 2, after: 1, cursor: first.cursor });
    expect(second).toMatchObject({ events: [{ data: "4" }, { data: "5" }], cursor: null });
    expect(await log.oldest({ after: 5 })).toEqual({ events: [], cursor: null });
  });

  test("refuse what is no page", async () => {
    const log = logOf();
    for (const limit of [0, -1, 1001, 1.5]) {
      await expect(log.newest({ limit })).rejects.toMatchObject({ code: "option_invalid" });
    }
    await expect(log.oldest({ after: -1 })).rejects.toMatchObject({ code: "option_invalid" });
    await expect(log.newest({ cursor: "?" })).rejects.toMatchObject({ code: "cursor_invalid" });
  });

  test("say what is wrong with an entry that something else wrote", async () => {
    await kv.put("event-log:log:event:0000000000000001", "hello");
    await expect(logOf().newest()).rejects.toMatchObject({ code: "value_invalid" });
    await kv.put("event-log:log:head", "hello");
    await expect(logOf().append("a")).rejects.toMatchObject({ code: "value_invalid" });
  });
});

describe("follow", () => {
  test("tells what is there after a number, then what comes, in order and once", async () => {
    const log = logOf();
    await log.appendMany(["1", "2", "3"]);
    const seen: string[] = [];
    const controller = new AbortController();
    for await (const { data, sequence } of log.follow({ after: 1, signal: controller.signal })) {
      seen.push(data);
      if (sequence === 3) await Promise.all([log.append("4"), logOf().appendMany(["5", "6"])]);
      if (sequence === 6) await log.append("7");
      if (sequence === 7) controller.abort();
    }
    expect(seen[0]).toBe("2");
    expect([...seen].sort()).toEqual(["2", "3", "4", "5", "6", "7"]);
    expect(seen).toEqual((await allOf()).slice(1));
  });

  test("reads once for many appends", async () => {
    let reads = 0;
    const counted = new Proxy(kv, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name === "list") {
          return (options: KVNamespaceListOptions) => {
            reads++;
            return target.list(options);
          };
        }
        if (name !== "watch") return typeof value === "function" ? value.bind(target) : value;
        return async function* (options: KvWatchOptions) {
          let changes = 0;
          for await (const change of target.watch(options)) {
            yield change;
            // Only after all other events have been read.
            if (++changes === 50) await logOf().append("the last");
          }
        };
      },
    });
    await logOf().append("the first");
    const controller = new AbortController();
    for await (const { sequence } of logOf({}, counted).follow({ after: 0, signal: controller.signal })) {
      // While this event is read, many others are appended in separate commits.
      for (let at = 1; sequence === 1 && at <= 50; at++) await logOf().append(String(at));
      if (sequence === 52) controller.abort();
    }
    expect(reads).toBe(3);
  });

  test("waits for a log that is still to begin, and from now on without a number", async () => {
    const controller = new AbortController();
    let watched = 0;
    const waiting = new Proxy(kv, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== "watch") return typeof value === "function" ? value.bind(target) : value;
        return (options: KvWatchOptions) => {
          watched++;
          void logOf().append("first");
          return target.watch(options);
        };
      },
    });
    for await (const { data } of logOf({}, waiting).follow({ signal: controller.signal })) {
      expect(data).toBe("first");
      controller.abort();
    }
    expect(watched).toBe(1);
  });

  test("goes on when the store has forgotten changes", async () => {
    const forgetful = new Proxy(kv, {
      get(target, name) {
        if (name === "watch") {
          return async function* () {
            if (watched++ === 0) await logOf().append("2");
            else controller.abort();
            yield* [];
            throw new KvError("watch_behind", "Too far behind.");
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    let watched = 0;
    const controller = new AbortController();
    await logOf().append("1");
    const seen: string[] = [];
    for await (const { data } of logOf({}, forgetful).follow({ after: 0, signal: controller.signal })) {
      seen.push(data);
    }
    expect(seen).toEqual(["1", "2"]);
  });
});

describe("trim", () => {
  test("removes what a lowered cap leaves over, some at a time", async () => {
    const before = logOf();
    for (let batch = 0; batch < 6; batch++) await before.appendMany(Array.from({ length: 100 }, () => "x"));
    const after = logOf({ maxEvents: 10 });
    expect([await after.trim(), await after.trim(), await after.trim()]).toEqual([500, 90, 0]);
    expect(await allOf()).toHaveLength(10);
    await clock.advance(1000);
    expect(await logOf({ maxAgeSeconds: 1 }).trim()).toBe(10);
    expect(await logOf().trim()).toBe(0);
  });
});

test("clear removes every event, and their numbers are not given again", async () => {
  const log = logOf();
  await log.appendMany(["1", "2", "3"]);
  expect(await log.clear()).toBe(3);
  expect(await log.newest()).toEqual({ events: [], cursor: null });
  expect(await log.append("4")).toMatchObject({ sequence: 4 });

  const timed = eventLog(plain(), { clock });
  await timed.appendMany(["1", "2", "3"]);
  expect([await timed.clear(), await timed.clear()]).toEqual([3, 0]);
});

describe("on a plain Workers KV binding", () => {
  test("no event is lost, and pages are newest first", async () => {
    const log = eventLog<string>(plain(), { clock });
    expect(log.guarantee).toBe("best-effort");
    const long = "x".repeat(2000);
    for (const data of ["1", "2", long, "4"]) {
      await clock.advance(10);
      expect(await log.append(data)).toMatchObject({ sequence: null, atMs: clock.nowMs() });
    }
    const first = await log.newest({ limit: 3 });
    expect(first.events.map(({ data }) => data)).toEqual(["4", long, "2"]);
    const second = await log.newest({ limit: 3, cursor: first.cursor });
    expect(second).toMatchObject({ events: [{ data: "1" }], cursor: null });

    await Promise.all(
      Array.from({ length: 50 }, () => eventLog<string>(plain(), { clock }).append("at once")),
    );
    expect((await log.newest({ limit: 100 })).events).toHaveLength(54);
  });

  test("what needs an order is refused", async () => {
    const log = eventLog(plain());
    await expect(log.oldest()).rejects.toMatchObject({ code: "atomics_required" });
    expect(() => log.follow()).toThrow(expect.objectContaining({ code: "atomics_required" }));
  });

  test("caps hold by age by themselves, by count with trim", async () => {
    const log = eventLog(plain(), { clock, maxEvents: 2, maxAgeSeconds: 100 });
    for (let at = 0; at < 5; at++) {
      await clock.advance(1);
      await log.append(at);
    }
    expect(await log.trim()).toBe(3);
    expect((await log.newest()).events.map(({ data }) => data)).toEqual([4, 3]);
    await clock.advance(100_000);
    expect(await log.newest()).toEqual({ events: [], cursor: null });
    expect(await kv.count()).toBe(0);
  });
});

describe("eventLog", () => {
  test.each([
    { maxEvents: 0 },
    { maxEvents: -1 },
    { maxAgeSeconds: 0 },
    { maxAgeSeconds: 1.5 },
    { name: "" },
    { prefix: 1 },
  ])("refuses %o", (wrong) => {
    expect(() => eventLog(kv, wrong as EventLogOptions)).toThrow(
      expect.objectContaining({ code: "option_invalid" }),
    );
  });

  test("refuses a name that makes too long a key", () => {
    expect(() => eventLog(kv, { name: "x".repeat(480) })).toThrow(
      expect.objectContaining({ code: "key_too_long" }),
    );
  });

  test("keeps logs of different names apart", async () => {
    await logOf({ name: "a" }).append("of a");
    expect(await logOf({ name: "b" }).append("of b")).toMatchObject({ sequence: 1 });
    expect(await allOf(logOf({ name: "a" }))).toEqual(["of a"]);
  });

  test("goes on when the clock goes back by much", async () => {
    const log = logOf();
    await log.append("a");
    await clock.advance(-60_000);
    await log.append("b");
    expect(await allOf(log)).toEqual(["a", "b"]);
  });

  test("says in its type what it guarantees", () => {
    expectTypeOf(logOf().guarantee).toEqualTypeOf<"atomic">();
    expectTypeOf(eventLog(plain()).guarantee).toEqualTypeOf<"atomic" | "best-effort">();
  });
});
