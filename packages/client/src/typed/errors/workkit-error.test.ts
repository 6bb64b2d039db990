import { expect, test } from "vitest";
import {
  BindingNotFoundError,
  ConfigError,
  InternalError,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from "./failures.js";
import { KVError, KVNotFoundError, KVSerializationError, KVValidationError } from "./kv-errors.js";
import { WorkkitError } from "./workkit-error.js";

const NONE = { kind: "none" };

test.each([
  [new BindingNotFoundError("KV"), "BindingNotFoundError", "WORKKIT_BINDING_NOT_FOUND", 500, NONE],
  [new ConfigError("no"), "ConfigError", "WORKKIT_CONFIG", 500, NONE],
  [new ValidationError("no"), "ValidationError", "WORKKIT_VALIDATION", 400, NONE],
  [new KVValidationError("k", "no"), "KVValidationError", "WORKKIT_VALIDATION", 400, NONE],
  [new KVSerializationError("serialize", "k"), "KVSerializationError", "WORKKIT_INTERNAL", 500, NONE],
  [new KVError("no"), "KVError", "WORKKIT_INTERNAL", 500, NONE],
  [new KVNotFoundError("k"), "KVNotFoundError", "WORKKIT_NOT_FOUND", 404, NONE],
  [new InternalError("no"), "InternalError", "WORKKIT_INTERNAL", 500, NONE],
  [
    new TimeoutError("KV.get"),
    "TimeoutError",
    "WORKKIT_TIMEOUT",
    504,
    { kind: "exponential", baseMs: 500, maxMs: 10_000, maxAttempts: 3 },
  ],
  [
    new ServiceUnavailableError("KV"),
    "ServiceUnavailableError",
    "WORKKIT_SERVICE_UNAVAILABLE",
    503,
    { kind: "exponential", baseMs: 1_000, maxMs: 30_000, maxAttempts: 5 },
  ],
  [
    new RateLimitError("no"),
    "RateLimitError",
    "WORKKIT_RATE_LIMIT",
    429,
    { kind: "fixed", delayMs: 1_000, maxAttempts: 3 },
  ],
])("%s says what it is and how to repeat it", (error, name, code, statusCode, retryStrategy) => {
  expect(error).toBeInstanceOf(WorkkitError);
  expect(error).toMatchObject({ name, code, statusCode, retryStrategy, retryable: retryStrategy !== NONE });
});

test("an error of its own may have a strategy of its own", () => {
  const retryStrategy = { kind: "immediate", maxAttempts: 1 } as const;
  expect(new TimeoutError("KV.get", 5, { retryStrategy })).toMatchObject({
    message: "KV.get timed out after 5ms",
    retryStrategy,
  });
});

test("the errors of the store are its KVErrors", () => {
  expect(new KVSerializationError("deserialize", "alice")).toBeInstanceOf(KVError);
  expect(new KVSerializationError("deserialize", "alice")).toMatchObject({
    message: 'Failed to deserialize KV value for key "alice"',
    context: { operation: "deserialize", kvKey: "alice" },
  });
  expect(new KVNotFoundError("alice")).toMatchObject({ message: 'KV key "alice" not found', kvKey: "alice" });
  expect(new KVValidationError("alice", "no").issues).toEqual([
    { path: ["alice"], message: "no", code: "WORKKIT_KV_VALIDATION" },
  ]);
});

test("as JSON and as text it has its context and its cause", () => {
  const error = new InternalError("KV.get failed: no", {
    cause: new TimeoutError("fetch", undefined, { cause: new Error("slow") }),
    context: { key: "a" },
  });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: "InternalError",
    code: "WORKKIT_INTERNAL",
    message: "KV.get failed: no",
    statusCode: 500,
    retryable: false,
    retryStrategy: { kind: "none" },
    timestamp: error.timestamp.toISOString(),
    context: { key: "a" },
    cause: expect.objectContaining({ code: "WORKKIT_TIMEOUT", cause: { name: "Error", message: "slow" } }),
  });
  expect(String(error)).toBe(
    '[WORKKIT_INTERNAL] InternalError: KV.get failed: no | context: {"key":"a"} | caused by: fetch timed out',
  );
  expect(String(new ConfigError("no"))).toBe("[WORKKIT_CONFIG] ConfigError: no");
});
