import { Ratelimit } from "@kvasir/client/adapters/upstash-ratelimit";
import { FakeClock, open } from "@kvasir/store";
import type { Ratelimit as Original } from "@upstash/ratelimit";
import { expect, expectTypeOf, test } from "vitest";

test("has the shape of @upstash/ratelimit", () => {
  type Used = "limit" | "blockUntilReady" | "resetUsedTokens" | "getRemaining";
  expectTypeOf<Pick<Ratelimit, Used>>().toExtend<{
    [Name in Used]: (...args: Parameters<Original[Name]>) => unknown;
  }>();
  expectTypeOf<Awaited<ReturnType<Ratelimit["limit"]>>>().toExtend<Awaited<ReturnType<Original["limit"]>>>();
  expectTypeOf<Awaited<ReturnType<Ratelimit["getRemaining"]>>>().toExtend<
    Awaited<ReturnType<Original["getRemaining"]>>
  >();
  type Static = "slidingWindow" | "fixedWindow" | "tokenBucket";
  expectTypeOf<Parameters<(typeof Original)["slidingWindow"]>>().toExtend<
    Parameters<(typeof Ratelimit)["slidingWindow"]>
  >();
  expectTypeOf<Pick<typeof Ratelimit, Static>>().toHaveProperty("tokenBucket");
});

test.each([
  ["slidingWindow", Ratelimit.slidingWindow(2, "10 s")],
  ["fixedWindow", Ratelimit.fixedWindow(2, "10s")],
  ["tokenBucket", Ratelimit.tokenBucket(2, "10 s", 2)],
])("%s lets its limit through and refuses from memory after that", async (_, limiter) => {
  const clock = new FakeClock();
  const database = open(":memory:", { clock });
  const sleep = async (ms: number) => void clock.advance(ms);
  const ratelimit = new Ratelimit({
    kv: database.namespace("limits"),
    limiter,
    clock,
    sleep,
    analytics: true,
  });
  expect(await ratelimit.limit("ada")).toMatchObject({ success: true, limit: 2, remaining: 1 });
  expect(await ratelimit.getRemaining("ada")).toMatchObject({ remaining: 1, limit: 2 });
  expect(await ratelimit.limit("ada")).toMatchObject({ success: true, remaining: 0 });
  const refused = await ratelimit.limit("ada");
  expect(refused).toMatchObject({ success: false, remaining: 0 });
  expect(refused.reason).toBeUndefined();
  expect(refused.reset).toBeGreaterThan(clock.nowMs());
  expect(await ratelimit.limit("ada")).toMatchObject({ success: false, reason: "cacheBlock" });
  expect(await ratelimit.blockUntilReady("ada", 30_000)).toMatchObject({ success: true });
  await ratelimit.resetUsedTokens("ada");
  expect(await ratelimit.limit("ada", { rate: 2 })).toMatchObject({ success: true, remaining: 0 });
  expect(await ratelimit.blockUntilReady("ada", 1)).toMatchObject({ success: false });
  await database.close();
});

test("passes with the reason timeout while the store is away", async () => {
  const database = open(":memory:");
  const limiter = Ratelimit.slidingWindow(1, "1 m");
  const ratelimit = new Ratelimit({ kv: database.namespace("limits"), limiter });
  await database.close();
  expect(await ratelimit.limit("ada")).toMatchObject({ success: true, reason: "timeout" });
});

test.each(["500 ms", "1.5 s", "10 y", "0 s"])("refuses a window of %s", (window) => {
  expect(() => Ratelimit.slidingWindow(1, window as never)).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
});
