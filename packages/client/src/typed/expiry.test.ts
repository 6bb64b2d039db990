import { expect, test } from "vitest";
import { ValidationError } from "./errors/failures.js";
import { assertValidTtl, bindingExpiry } from "./expiry.js";

test.each([undefined, 60, 3600, 60.5])("a TTL of %j passes", (ttl) => {
  expect(() => assertValidTtl(ttl)).not.toThrow();
});

test.each([30, 0, -1, 59.9, Number.NaN, Number.POSITIVE_INFINITY])("a TTL of %j is refused", (ttl) => {
  expect(() => assertValidTtl(ttl)).toThrow(ValidationError);
  expect(() => assertValidTtl(ttl)).toThrow(`must be at least 60 seconds, received ${ttl}`);
  expect(() => assertValidTtl(ttl)).toThrow(
    expect.objectContaining({
      issues: [expect.objectContaining({ code: "WORKKIT_KV_TTL_TOO_LOW", path: ["ttl"] })],
    }),
  );
});

test("a binding with a lower minimum says so", () => {
  expect(() => assertValidTtl(5, 1)).not.toThrow();
});

test.each([
  [{}, undefined, {}],
  [{}, 300, { expirationTtl: 300 }],
  [{ ttl: 60 }, 300, { expirationTtl: 60 }],
  [{ expiration: 2_000_000_000 }, 300, { expiration: 2_000_000_000 }],
  [{ expiration: 2_000_000_000, ttl: 5 }, undefined, { expiration: 2_000_000_000 }],
  [{ expiration: 0, ttl: 60 }, undefined, { expirationTtl: 60 }],
])("%j with a default of %j is sent as %j", (options, defaultTtl, sent) => {
  expect(bindingExpiry(options, { defaultTtl, ttlMin: 60 })).toEqual(sent);
});

test("a TTL of 0 is not the same as none", () => {
  expect(() => bindingExpiry({ ttl: 0 }, { defaultTtl: 300, ttlMin: 60 })).toThrow(ValidationError);
});
