import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plainBinding } from "../../../../../testing/harness/bindings.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { STORE_TIMEOUT_MS } from "../shared/limits.js";
import { cache } from "./cache.js";
import type { CacheOptions } from "./options.js";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let clock: FakeClock;
let pending: Set<{ readonly run: () => void; readonly dueMs: number }>;
beforeEach(() => {
  clock = new FakeClock();
  pending = new Set();
  database = open(":memory:", { clock });
  kv = database.namespace("cache");
});
afterEach(() => database.close());

/** Time limits of store requests are ignored here, because the store always responds. */
const timer = (run: () => void, ms: number) => {
  if (ms === STORE_TIMEOUT_MS) return () => {};
  const one = { run, dueMs: clock.nowMs() + ms };
  pending.add(one);
  return () => pending.delete(one);
};

/** Advances the clock and runs the timers that are due. */
function pass(ms: number): void {
  clock.advance(ms);
  for (const one of [...pending]) {
    if (one.dueMs <= clock.nowMs() && pending.delete(one)) one.run();
  }
}

/** Waits until the given number of timers is pending. */
async function waitedFor(timers: number): Promise<void> {
  while (pending.size < timers) await new Promise((resolve) => setImmediate(resolve));
}

const sleep = async (ms: number) => pass(ms);

const BINDINGS = [
  ["with atomics", () => kv],
  ["on a plain binding", () => plainBinding(kv)],
] as const;

describe.each(BINDINGS)("a computation that never returns, %s", (_, binding) => {
  const values = (options: Partial<CacheOptions> = {}) =>
    cache(binding(), { ttlSeconds: 60, leaseSeconds: 1, clock, timer, sleep, ...options });

  test("keeps no other caller of the process for longer than a lease", async () => {
    const here = values({ computeTimeoutMs: 60_000 });
    const first = here.getOrSet("a", () => new Promise<string>(() => {}));
    await waitedFor(1);
    const others = [1, 2].map(() => here.getOrSet("a", () => "computed by another"));
    await waitedFor(3);
    pass(1_000);
    expect(await Promise.all(others)).toEqual(["computed by another", "computed by another"]);
    expect(await here.getOrSet("a", () => "not again")).toBe("computed by another");
    pass(59_000);
    await expect(first).rejects.toMatchObject({ code: "unavailable" });
    expect(pending.size).toBe(0);
  });

  test("ends with its time, and is told so by its signal", async () => {
    let signal: AbortSignal | undefined;
    const value = values().getOrSet("a", (context) => {
      signal = context.signal;
      return new Promise<string>(() => {});
    });
    await waitedFor(1);
    pass(999);
    expect(signal?.aborted).toBe(false);
    pass(1);
    await expect(value).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("signal"),
    });
    expect(signal?.reason).toMatchObject({ code: "unavailable" });
    expect(pending.size).toBe(0);
    expect(await values().getOrSet("a", () => "next")).toBe("next");
  });

  test("in the background does not keep a stale value from being replaced", async () => {
    const here = values({ staleSeconds: 600, computeTimeoutMs: 3_600_000 });
    await here.getOrSet("a", () => "old");
    pass(60_000);
    const seen: unknown[] = [];
    const hung = (context: { readonly stale: unknown }) => {
      seen.push(context.stale);
      return new Promise<string>(() => {});
    };
    expect(await here.getOrSetWithStatus("a", hung)).toEqual({
      value: "old",
      status: "stale",
      source: "store",
    });
    await waitedFor(1);
    expect(seen).toEqual(["old"]);
    pass(1_000);
    const work: Promise<unknown>[] = [];
    const waitUntil = (one: Promise<unknown>) => work.push(one);
    expect(await here.getOrSet("a", () => "new", { waitUntil })).toBe("old");
    await Promise.all(work);
    expect(await here.getOrSetWithStatus("a", hung)).toEqual({
      value: "new",
      status: "hit",
      source: "store",
    });
  });

  test("of a response keeps no other request for longer than a lease", async () => {
    const pages = values();
    const request = () => new Request("http://localhost/page");
    const hung = pages.cached(request(), () => new Promise<Response>(() => {}));
    hung.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    const other = pages.cached(request(), () => new Response("page"));
    await waitedFor(1);
    pass(1_000);
    expect(await (await other).text()).toBe("page");
    expect(pending.size).toBe(0);
  });
});

test.each([0, -1, Number.NaN, 3_600_001, "5"])("a limit of %s is refused", (computeTimeoutMs) => {
  expect(() => cache(kv, { ttlSeconds: 60, computeTimeoutMs: computeTimeoutMs as number })).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
});

test("the time of a computation that ends takes no timer along", async () => {
  await cache(kv, { ttlSeconds: 60, timer }).getOrSet("a", () => 1);
  expect(pending.size).toBe(0);
});
