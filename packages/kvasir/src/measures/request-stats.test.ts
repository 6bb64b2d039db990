import { expect, it } from "vitest";
import { DURATION_BUCKETS_SECONDS } from "../wire/duration-buckets.js";
import { RequestStats } from "./request-stats.js";

it("adds what was counted elsewhere to what it has counted itself", () => {
  const stats = new RequestStats();
  stats.observe(200, 0.0001);
  stats.observe(404, 0.02);
  stats.observe(500, 60);
  const buckets = Array<number>(DURATION_BUCKETS_SECONDS.length + 1).fill(0);
  buckets[0] = 2;
  stats.add({ statuses: { "200": 1, "404": 1 }, buckets, seconds: 0.5 });
  expect(stats.count).toBe(5);
  expect(Object.fromEntries(stats.statuses())).toEqual({ 200: 2, 404: 2, 500: 1 });
  expect(stats.secondsSum).toBeCloseTo(60.5201);
  expect([stats.buckets[0], stats.buckets[5], stats.buckets.at(-1)]).toEqual([3, 1, 1]);
});
