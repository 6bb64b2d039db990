import { describe, expect, test } from "vitest";
import { expirationMsOf } from "./expiry.js";

const context = { nowMs: 1_700_000_000_999, ttlSecondsMin: 60 };
const now = 1_700_000_000;

describe("expirationMsOf", () => {
  test.each([
    [{}, null],
    [{ expirationTtl: 60 }, (now + 60) * 1000],
    [{ expiration: now + 60 }, (now + 60) * 1000],
    [{ expirationTtl: 60, expiration: 1 }, (now + 60) * 1000],
  ])("%o", (expiry, expirationMs) => {
    expect(expirationMsOf(expiry, context)).toBe(expirationMs);
  });

  const past = (seconds: number) =>
    `Invalid expiration of ${seconds}. Please specify integer greater than the current number of seconds since the UNIX epoch.`;

  test.each([
    [{ expirationTtl: 0 }, "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
    [{ expirationTtl: -3 }, "Invalid expiration_ttl of -3. Please specify integer greater than 0."],
    [{ expirationTtl: Number.NaN }, "Invalid expiration_ttl of NaN. Please specify integer greater than 0."],
    [{ expirationTtl: 60.5 }, "Invalid expiration_ttl of 60.5. Please specify integer greater than 0."],
    [{ expirationTtl: 1e300 }, "Invalid expiration_ttl of 1e+300. Please specify integer greater than 0."],
    [{ expirationTtl: 59 }, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."],
    [{ expiration: now }, past(now)],
    [{ expiration: 1e300 }, past(1e300)],
    [{ expiration: Number.NaN }, past(Number.NaN)],
    [
      { expiration: now + 59 },
      `Invalid expiration of ${now + 59}. Expiration times must be at least 60 seconds in the future.`,
    ],
  ])("refuses %o", (expiry, message) => {
    expect(() => expirationMsOf(expiry, context)).toThrow(
      expect.objectContaining({ code: "expiration_invalid", message }),
    );
  });

  test("the shortest time to live is a rule of the dialect", () => {
    expect(expirationMsOf({ expirationTtl: 1 }, { ...context, ttlSecondsMin: 1 })).toBe((now + 1) * 1000);
  });

  test("what comes out is always a time that a Date can hold", () => {
    expect(() => expirationMsOf({ expirationTtl: 8_640_000_000_000 }, context)).toThrow(
      "Invalid expiration_ttl",
    );
  });
});
