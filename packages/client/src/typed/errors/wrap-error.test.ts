import { describe, expect, test } from "vitest";
import { KvError } from "../../namespace/errors.js";
import { wrapKVError } from "./wrap-error.js";

const thrown = (error: unknown) => {
  try {
    wrapKVError(error, { operation: "put", key: "user:123", prefix: "user:" });
  } catch (wrapped) {
    return wrapped;
  }
};

describe("wrapKVError", () => {
  test.each([
    ["operation timed out", "TimeoutError", "WORKKIT_TIMEOUT", true],
    ["timeout", "TimeoutError", "WORKKIT_TIMEOUT", true],
    ["KV PUT failed: 504 Gateway Timeout", "TimeoutError", "WORKKIT_TIMEOUT", true],
    ["503 service unavailable", "ServiceUnavailableError", "WORKKIT_SERVICE_UNAVAILABLE", true],
    [
      "KV PUT failed: 503 Service Unavailable",
      "ServiceUnavailableError",
      "WORKKIT_SERVICE_UNAVAILABLE",
      true,
    ],
    ["KV PUT failed: 429 Too Many Requests", "RateLimitError", "WORKKIT_RATE_LIMIT", true],
    ["HTTP 429", "RateLimitError", "WORKKIT_RATE_LIMIT", true],
    ["something weird", "InternalError", "WORKKIT_INTERNAL", false],
    ["KV PUT failed: 500 Internal Server Error", "InternalError", "WORKKIT_INTERNAL", false],
    // Words in the text of a rejection do not make it retryable.
    ["KV PUT failed: 400 Invalid expiration_ttl of 503.", "InternalError", "WORKKIT_INTERNAL", false],
    [
      "KV PUT failed: 413 Value length of 429 exceeds limit of 1.",
      "InternalError",
      "WORKKIT_INTERNAL",
      false,
    ],
  ])("%j becomes a %s", (message, name, code, retryable) => {
    const cause = new Error(message);
    expect(thrown(cause)).toMatchObject({ name, code, retryable, cause });
  });

  test("says what was being done, and to which key", () => {
    expect(thrown(new Error("fail"))).toMatchObject({
      message: "KV.put failed: fail",
      context: { operation: "put", key: "user:123", prefix: "user:" },
    });
    expect(thrown(new Error("timeout"))).toMatchObject({ message: "KV.put timed out" });
    expect(thrown(new Error("503"))).toMatchObject({ message: "KV is temporarily unavailable" });
  });

  test("takes Kvasir's own errors by the status that they state", () => {
    expect(thrown(new KvError("unavailable", "KV GET failed: 503 Closed"))).toMatchObject({
      statusCode: 503,
    });
    expect(thrown(new KvError("rate_limited", "KV GET failed: 429 Slow down"))).toMatchObject({
      statusCode: 429,
    });
  });

  test("takes what is no error", () => {
    expect(thrown("broken")).toMatchObject({ message: "KV.put failed: broken", cause: "broken" });
  });

  test("wraps nothing twice", () => {
    const once = thrown(new Error("timeout"));
    expect(thrown(once)).toBe(once);
  });
});
