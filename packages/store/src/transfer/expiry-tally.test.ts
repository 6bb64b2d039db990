import { expect, test } from "vitest";
import { ExpiryTally } from "./expiry-tally.js";

const NOW_MS = 1_800_000_000_000;

test("counts at least the entries that have expired, in few numbers", () => {
  const tally = new ExpiryTally();
  for (let minute = 1; minute <= 100_000; minute++) tally.add(NOW_MS + minute * 60_000, NOW_MS);
  tally.add(null, NOW_MS);
  expect(tally.expiredMax(NOW_MS - 600_000)).toBe(0);
  for (const minutes of [1, 59, 60, 1000]) {
    const expired = tally.expiredMax(NOW_MS + minutes * 60_000);
    expect(expired).toBeGreaterThanOrEqual(minutes);
    expect(expired).toBeLessThan(minutes + 10);
  }
  expect(tally.counted.length).toBeLessThan(150);
  expect(new ExpiryTally(tally.counted).expiredMax(NOW_MS + 3_600_000)).toBe(
    tally.expiredMax(NOW_MS + 3_600_000),
  );
});
