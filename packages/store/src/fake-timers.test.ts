import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Database, open } from "./index.js";

const NEVER = () => ({ unref() {}, ref() {} });
const real = { nextTick: process.nextTick, now: performance.now };
/** Calls of `process.nextTick` by others, made up for later: Node's own code needs them, for example to hear of its parent. */
let postponed: Parameters<typeof process.nextTick>[] = [];

/** Every way to be called later, replaced by one that never calls. */
function replaceEverything(): void {
  const names = ["setImmediate", "setTimeout", "setInterval", "queueMicrotask"];
  for (const name of [...names, "clearImmediate", "clearTimeout", "clearInterval"])
    vi.stubGlobal(name, NEVER);
  vi.stubGlobal(
    "Date",
    class extends Date {
      static override now = () => 0;
    },
  );
  performance.now = () => 0;
  process.nextTick = (...call) => void postponed.push(call);
}

function restoreEverything(): void {
  process.nextTick = real.nextTick;
  performance.now = real.now;
  for (const call of postponed) process.nextTick(...call);
  postponed = [];
  vi.unstubAllGlobals();
  vi.useRealTimers();
}

/** Everything that has to wait for something. */
async function useEverything(database: Database): Promise<void> {
  const kv = database.namespace("faked");
  await kv.put("a", "1", { expirationTtl: 60 });
  expect(await kv.get("a")).toBe("1");
  const changes = kv.watch()[Symbol.asyncIterator]();
  const next = changes.next();
  await kv.put("b", new Uint8Array(3_000_000));
  expect((await next).value).toMatchObject({ type: "put", key: "b" });
  await changes.return?.();
  expect(await kv.increment("n", 2)).toBe(2);
  expect((await kv.list()).keys).toHaveLength(3);
  expect(await kv.count({ prefix: "" })).toBe(3);
  await kv.delete("b");
  expect(await kv.deletePrefix("", { all: true })).toBe(2);
  await database.catalog.create("another");
  await database.close();
}

const tools: [string, () => void][] = [
  ["vi.useFakeTimers()", () => vi.useFakeTimers()],
  [
    "vi.useFakeTimers() with queueMicrotask",
    () => vi.useFakeTimers({ toFake: ["queueMicrotask", "setImmediate"] }),
  ],
  ["everything replaced", replaceEverything],
];

describe.each(tools)("under %s", (_, replace) => {
  let database: Database | undefined;
  beforeEach(() => {
    database = undefined;
  });
  afterEach(async () => {
    restoreEverything();
    await database?.close();
  });

  test("a store that was opened before works", async () => {
    database = open(":memory:");
    replace();
    await useEverything(database);
  });

  test("a store that is opened after works", async () => {
    replace();
    database = open(":memory:");
    await useEverything(database);
  });
});

test("a store whose code is loaded under vi.useFakeTimers() works", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  vi.resetModules();
  const { open: openLoaded } = await import("./index.js");
  await useEverything(openLoaded(":memory:"));
});

describe("under vi.useFakeTimers()", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a store leaves no timers behind that a test would have to run", async () => {
    vi.useFakeTimers();
    const database = open(":memory:");
    const kv = database.namespace("faked");
    await kv.put("a", "1");
    await kv.get("a");
    await kv.list();
    expect(vi.getTimerCount()).toBe(0);
    vi.runAllTimers();
    await database.close();
  });

  test("the store's clock stays the system's, unless it is given the faked one", async () => {
    vi.useFakeTimers();
    const system = open(":memory:");
    const faked = open(":memory:", { clock: { nowMs: () => Date.now() } });
    for (const database of [system, faked]) {
      await database.namespace("faked").put("session", "Ada", { expirationTtl: 60 });
    }
    vi.setSystemTime(Date.now() + 60_000);
    expect(await system.namespace("faked").get("session")).toBe("Ada");
    expect(await faked.namespace("faked").get("session")).toBeNull();
    await Promise.all([system.close(), faked.close()]);
  });
});
