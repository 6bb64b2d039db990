import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { countedBinding } from "../../../../../testing/harness/bindings.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { KVBinding } from "../../typed/binding.js";
import { type RateLimitAlgorithm, type RateLimitOptions, rateLimit } from "./rate-limit.js";

const ALGORITHMS = ["fixed-window", "sliding-window", "token-bucket"] as const;
/** The start of a minute. */
const MINUTE_MS = 1_700_000_040_000;

let clock: FakeClock;
let database: ReturnType<typeof open>;
let kv: KVNamespace;

beforeEach(() => {
  clock = new FakeClock(MINUTE_MS);
  database = open(":memory:", { clock });
  kv = database.namespace("limits");
});
afterEach(() => database.close());

/** A namespace with only the five methods of Workers KV. */
const plain = (): KVBinding => ({
  get: kv.get.bind(kv),
  getWithMetadata: kv.getWithMetadata.bind(kv),
  put: kv.put.bind(kv),
  delete: kv.delete.bind(kv),
  list: kv.list.bind(kv),
});

const limiterOf = (algorithm: RateLimitAlgorithm, options: Partial<RateLimitOptions> = {}) =>
  rateLimit(kv, { limit: 5, windowSeconds: 60, algorithm, clock, ...options });

async function allowedOf(limiter: ReturnType<typeof limiterOf>, checks: number): Promise<number> {
  const results = await Promise.all(Array.from({ length: checks }, () => limiter.check("ada")));
  return results.filter(({ allowed }) => allowed).length;
}

describe.each(ALGORITHMS)("%s", (algorithm) => {
  test("lets exactly the limit through, however many ask at once, in whatever process", async () => {
    const limiters = [1, 2, 3, 4].map(() => limiterOf(algorithm, { limit: 50 }));
    const allowed = await Promise.all(limiters.map((limiter) => allowedOf(limiter, 100)));
    expect(allowed.reduce((sum, some) => sum + some)).toBe(50);
    expect(await limiterOf(algorithm, { limit: 50 }).check("bob")).toMatchObject({ allowed: true });
  });

  test("says how much is left, and when to come again", async () => {
    const limiter = limiterOf(algorithm);
    expect(await limiter.check("ada", { cost: 3 })).toMatchObject({
      allowed: true,
      limit: 5,
      remaining: 2,
      retryAfterSeconds: 0,
    });
    const refused = await limiter.check("ada", { cost: 3 });
    expect(refused).toMatchObject({ allowed: false, remaining: 2 });
    expect(refused.retryAfterSeconds).toBeGreaterThan(0);
    await clock.advance(refused.retryAfterSeconds * 1000 - 1000);
    expect(await limiter.check("ada", { cost: 3 })).toMatchObject({ allowed: false });
    await clock.advance(1000);
    expect(await limiter.check("ada", { cost: 3 })).toMatchObject({ allowed: true });
  });

  test("uses nothing up with a check that it refuses", async () => {
    const limiter = limiterOf(algorithm);
    await limiter.check("ada", { cost: 4 });
    expect(await limiter.check("ada", { cost: 2 })).toMatchObject({ allowed: false, remaining: 1 });
    expect(await limiter.check("ada")).toMatchObject({ allowed: true, remaining: 0 });
  });

  test("has all of it again after the reset that it announced", async () => {
    const limiter = limiterOf(algorithm);
    await limiter.check("ada", { cost: 5 });
    const { resetSeconds } = await limiter.peek("ada");
    await clock.advance(resetSeconds * 1000);
    expect(await limiter.peek("ada")).toMatchObject({ allowed: true, remaining: 5 });
    expect(await allowedOf(limiter, 9)).toBe(5);
  });

  test("tells with peek what a check would say, and uses nothing", async () => {
    const limiter = limiterOf(algorithm, { limit: 1 });
    for (let times = 0; times < 3; times++) {
      expect(await limiter.peek("ada")).toMatchObject({ allowed: true, remaining: 1 });
    }
    await limiter.check("ada");
    expect(await limiter.peek("ada")).toMatchObject({ allowed: false, remaining: 0 });
  });

  test("gives the whole limit back with reset, to that key", async () => {
    const limiter = limiterOf(algorithm, { limit: 1 });
    await limiter.check("ada");
    await limiter.check("bob");
    await limiter.reset("ada");
    expect(await limiter.check("ada")).toMatchObject({ allowed: true });
    expect(await limiter.check("bob")).toMatchObject({ allowed: false });
  });

  test("leaves nothing in the store for good", async () => {
    await limiterOf(algorithm, { windowSeconds: 1 }).check("ada");
    await clock.advance(10 * 60_000);
    expect(await kv.count()).toBe(0);
  });

  test("limits a plain Workers KV binding one after the other, and says that it is best effort", async () => {
    const limiter = rateLimit(plain(), { limit: 2, windowSeconds: 60, algorithm, clock });
    expect(limiter.guarantee).toBe("best-effort");
    const allowed = [];
    for (let times = 0; times < 4; times++) allowed.push((await limiter.check("ada")).allowed);
    expect(allowed).toEqual([true, true, false, false]);
    await limiter.reset("ada");
    expect(await limiter.peek("ada")).toMatchObject({ allowed: true, remaining: 2 });
  });

  test("goes on when the clock steps back, little or much", async () => {
    const limiter = limiterOf(algorithm, { limit: 2 });
    await limiter.check("ada");
    await clock.advance(-500);
    expect(await limiter.check("ada")).toMatchObject({ allowed: true, remaining: 0 });
    await clock.advance(-600_000);
    expect(await limiter.check("ada")).toMatchObject({ allowed: false });
    await clock.advance(60_000);
    expect(await limiter.check("bob")).toMatchObject({ allowed: true });
  });

  test("never lets more through because another process's clock is behind", async () => {
    await limiterOf(algorithm).check("ada", { cost: 5 });
    const behind = limiterOf(algorithm, { clock: new FakeClock(clock.nowMs()) });
    expect(await behind.check("ada")).toMatchObject({ allowed: false });
    const slow = limiterOf(algorithm, { clock: { nowMs: () => MINUTE_MS + 1 } });
    expect(await slow.check("ada")).toMatchObject({ allowed: false });
  });

  test.each([
    ["an empty one", ""],
    ["a long one", "x".repeat(600)],
    ["a long one of many bytes", "\u{1f600}".repeat(50)],
    ["one of characters that are escaped", "%:".repeat(40)],
    ["half a character", "\ud800"],
    ["a NUL", "\0"],
  ])("counts any key that a client may send: %s", async (_, key) => {
    const limiter = limiterOf(algorithm, { limit: 1, name: "n".repeat(64) });
    expect(await limiter.check(key)).toMatchObject({ allowed: true });
    expect(await limiter.check(key)).toMatchObject({ allowed: false });
    expect(await limiter.check(`${key}1`)).toMatchObject({ allowed: true });
    expect(await limiter.peek(key)).toMatchObject({ allowed: false });
    await limiter.reset(key);
    expect(await limiter.check(key)).toMatchObject({ allowed: true });
  });

  test("has no key that a client could write for another's that is hashed", async () => {
    const limiter = limiterOf(algorithm, { limit: 1 });
    const long = "x".repeat(600);
    await limiter.check(long);
    const [{ name = "" } = {}] = (await kv.list()).keys;
    const hash = name.split(":").find((part) => /^[\da-f]{64}$/.test(part));
    expect(hash).toBeDefined();
    for (const key of [`sha256:${hash}`, `sha256-${hash}`, `${hash}`, "sha256"]) {
      expect(await limiter.check(key)).toMatchObject({ allowed: true });
    }
  });

  test("counts apart from a limit of another name", async () => {
    const [login, api] = [
      limiterOf(algorithm, { limit: 1, name: "login" }),
      limiterOf(algorithm, { name: "api" }),
    ];
    await login.check("ada");
    expect(await login.check("ada")).toMatchObject({ allowed: false });
    expect(await api.check("ada", { cost: 5 })).toMatchObject({ allowed: true });
  });

  test("refuses what is no key and no cost before it asks the store anything", async () => {
    const limiter = rateLimit(refusing, { limit: 5, windowSeconds: 60, algorithm });
    await expect(limiter.check(undefined as unknown as string)).rejects.toMatchObject({
      code: "option_invalid",
    });
    for (const cost of [0, -1, 1.5, 6, Number.NaN]) {
      await expect(limiter.check("ada", { cost })).rejects.toMatchObject({
        code: "option_invalid",
        hint: "Pass a whole number from 1 to 5.",
      });
    }
  });
});

/** A binding that always fails. */
const refusing = Object.fromEntries(
  ["get", "getWithMetadata", "put", "delete", "list", "increment"].map((method) => [
    method,
    () => Promise.reject(new Error(`${method} was asked`)),
  ]),
) as unknown as KVNamespace;

describe("rateLimit", () => {
  test.each([
    { limit: -1 },
    { limit: 0 },
    { limit: 1.5 },
    { limit: "5" },
    { windowSeconds: 0 },
    { windowSeconds: -60 },
    { windowSeconds: Number.POSITIVE_INFINITY },
    { algorithm: "leaky" },
    { name: "" },
    { name: "naïve" },
    { prefix: 5 },
  ])("refuses %o", (wrong) => {
    const options = { limit: 5, windowSeconds: 60, ...wrong } as RateLimitOptions;
    expect(() => rateLimit(kv, options)).toThrow(expect.objectContaining({ code: "option_invalid" }));
  });

  test("needs a namespace", () => {
    expect(() => rateLimit(undefined as unknown as KVBinding, { limit: 1, windowSeconds: 1 })).toThrow(
      TypeError,
    );
  });

  test("says in its type what it guarantees", () => {
    expectTypeOf(limiterOf("fixed-window").guarantee).toEqualTypeOf<"atomic">();
    const either = rateLimit(plain(), { limit: 1, windowSeconds: 1 });
    expectTypeOf(either.guarantee).toEqualTypeOf<"atomic" | "best-effort">();
  });

  test("says what is wrong with an entry that something else wrote", async () => {
    await kv.put("rate-limit:default:ada:token-bucket-60", "hello");
    await expect(limiterOf("token-bucket").check("ada")).rejects.toMatchObject({ code: "value_invalid" });
    await kv.put("rate-limit:default:ada:sliding-window-60", '[["x",1]]');
    await expect(limiterOf("sliding-window").check("ada")).rejects.toMatchObject({ code: "value_invalid" });
  });
});

describe("fixed-window", () => {
  test("starts anew with each window of the clock", async () => {
    const limiter = limiterOf("fixed-window");
    await clock.advance(59_000);
    expect(await limiter.check("ada", { cost: 5 })).toMatchObject({ resetSeconds: 1 });
    expect(await limiter.check("ada")).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
    await clock.advance(1000);
    expect(await limiter.check("ada")).toMatchObject({ allowed: true, remaining: 4, resetSeconds: 60 });
  });
});

describe("sliding-window", () => {
  test("never lets more through within any span of its length", async () => {
    const limiter = limiterOf("sliding-window");
    const allowedMs: number[] = [];
    for (let step = 0; step < 600; step++) {
      if ((await limiter.check("ada")).allowed) allowedMs.push(clock.nowMs());
      // Irregular steps, which never line up with the parts of the window.
      await clock.advance(137 + ((step * 7919) % 1900));
    }
    const crowded = allowedMs.filter(
      (ms, at) => (allowedMs[at + 5] ?? Number.POSITIVE_INFINITY) - ms < 60_000,
    );
    expect(crowded).toEqual([]);
    // Only slightly fewer: an allowed request counts at most a sixtieth longer.
    const minutes = (clock.nowMs() - MINUTE_MS) / 60_000;
    expect(allowedMs.length).toBeGreaterThan(5 * (minutes - 1) * 0.95);
  });
});

describe("token-bucket", () => {
  test("gives tokens back evenly", async () => {
    const limiter = limiterOf("token-bucket", { limit: 60 });
    await limiter.check("ada", { cost: 60 });
    await clock.advance(10_000);
    expect(await limiter.peek("ada")).toMatchObject({ remaining: 10, resetSeconds: 50 });
    expect(await allowedOf(limiter, 30)).toBe(10);
  });

  test("adds up to its rate, whatever the rounding", async () => {
    const limiter = limiterOf("token-bucket", { limit: 7, windowSeconds: 1 });
    let allowed = 0;
    // 13 and 1000 are not multiples of a token's time: 7 at once, then 7 a second for ten seconds.
    for (let step = 0; step <= 10_010; step += 13) {
      while ((await limiter.check("ada")).allowed) allowed++;
      await clock.advance(13);
    }
    expect(allowed).toBe(7 + 70);
  });
});

describe.each(ALGORITHMS)("a key that is known to be refused, %s", (algorithm) => {
  const requests = () => {
    const calls: string[] = [];
    return { calls, counted: countedBinding(kv, calls) };
  };

  test("costs no request until it may be let through", async () => {
    const { calls, counted } = requests();
    const limiter = rateLimit(counted, { limit: 2, windowSeconds: 60, algorithm, clock });
    for (let checks = 0; checks < 2; checks++) await limiter.check("ada");
    const refused = await limiter.check("ada");
    expect(refused).toMatchObject({ allowed: false, source: "store" });
    calls.length = 0;
    for (let checks = 0; checks < 1_000; checks++) {
      expect(await limiter.check("ada")).toEqual({ ...refused, source: "memory" });
    }
    expect(calls).toEqual([]);
    expect(await limiter.check("bob")).toMatchObject({ allowed: true, source: "store" });
    await clock.advance((refused.retryAfterSeconds - 2) * 1_000);
    expect(await limiter.check("ada")).toMatchObject({ retryAfterSeconds: 2, source: "memory" });
    await clock.advance(2_000);
    expect(await limiter.check("ada")).toMatchObject({ allowed: true, source: "store" });
  });

  test("is asked for again after a reset, and where the clock went back", async () => {
    const limiter = limiterOf(algorithm, { limit: 1 });
    const refuse = async () => {
      while ((await limiter.check("ada")).allowed);
      expect(await limiter.check("ada")).toMatchObject({ source: "memory" });
    };
    await refuse();
    await limiter.reset("ada");
    expect(await limiter.check("ada")).toMatchObject({ allowed: true, source: "store" });
    await refuse();
    await clock.advance(-3_600_000);
    await limiter.check("ada");
    await clock.advance(1_000);
    expect(await limiter.check("ada")).toMatchObject({ source: "store" });
  });

  test("is let through for a lower cost", async () => {
    const limiter = limiterOf(algorithm);
    await limiter.check("ada", { cost: 3 });
    expect(await limiter.check("ada", { cost: 3 })).toMatchObject({ allowed: false });
    expect(await limiter.check("ada", { cost: 2 })).toMatchObject({ allowed: true });
  });
});

describe("headers", () => {
  const allowed = {
    allowed: true,
    limit: 5,
    remaining: 4,
    resetSeconds: 60,
    retryAfterSeconds: 0,
    source: "store",
  } as const;
  const refused = { ...allowed, allowed: false, remaining: 0, retryAfterSeconds: 12 };

  test("are the three of older drafts where that is asked for", () => {
    expect(limiterOf("fixed-window").headers(allowed, "separate")).toEqual({
      "RateLimit-Limit": "5",
      "RateLimit-Remaining": "4",
      "RateLimit-Reset": "60",
    });
    expect(limiterOf("fixed-window").headers(refused, "separate")).toMatchObject({ "Retry-After": "12" });
  });

  test("are the structured fields of the current draft", () => {
    const limiter = limiterOf("fixed-window", { name: 'per "user"' });
    expect(limiter.headers(allowed)).toEqual({
      "RateLimit-Policy": '"per \\"user\\"";q=5;w=60',
      RateLimit: '"per \\"user\\"";r=4;t=60',
    });
    expect(limiter.headers(refused)).toMatchObject({
      RateLimit: '"per \\"user\\"";r=0;t=12',
      "Retry-After": "12",
    });
  });

  test("are both, or none but Retry-After", () => {
    const { headers } = limiterOf("fixed-window");
    expect(Object.keys(headers(allowed, "both"))).toHaveLength(5);
    expect(headers(allowed, "none")).toEqual({});
    expect(headers(refused, "none")).toEqual({ "Retry-After": "12" });
  });

  test("say nothing of a client while the store is away", () => {
    const { headers } = limiterOf("fixed-window");
    expect(headers({ ...allowed, source: "default" }, "both")).toEqual({});
    expect(headers({ ...refused, source: "default" }, "both")).toEqual({ "Retry-After": "12" });
  });
});

test("by default no window lets more than the limit through, wherever it begins", async () => {
  const limiter = rateLimit(kv, { limit: 10, windowSeconds: 60, clock });
  // 200 ms around the end of a minute of the clock.
  clock.advance(59_900);
  let allowed = 0;
  for (let at = 0; at < 40; at++) {
    if ((await limiter.check("ada")).allowed) allowed++;
    clock.advance(5);
  }
  expect(allowed).toBe(10);
});
