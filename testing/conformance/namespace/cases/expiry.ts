import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

export const expiryCases: readonly NamespaceCase[] = [
  {
    name: "expiry: an entry lives to the millisecond before its second, and is gone with it",
    async run({ kv, clock, assert }) {
      const start = await clock.nowSeconds();
      await kv.put("ttl", "value", { expirationTtl: 60 });
      await kv.put("at", "value", { expiration: start + 60 });
      await kv.put("later", "value", { expirationTtl: 61 });
      await kv.put("never", "value");
      assert.same((await kv.list()).keys, [
        { name: "at", expiration: start + 60 },
        { name: "later", expiration: start + 61 },
        { name: "never" },
        { name: "ttl", expiration: start + 60 },
      ]);
      await clock.advance(59_999);
      for (const key of ["ttl", "at", "later", "never"]) assert.same(await kv.get(key), "value", key);
      await clock.advance(1);
      for (const key of ["ttl", "at"]) {
        assert.same(await kv.get(key), null, key);
        assert.same((await kv.getWithMetadata(key)).value, null, key);
        assert.same((await kv.get([key])).get(key), null, key);
      }
      assert.same(
        (await kv.list()).keys.map(({ name }) => name),
        ["later", "never"],
      );
      assert.same(await kv.count(), 2);
      await clock.advance(1000);
      assert.same(await kv.get("later"), null);
      assert.same(await kv.get("never"), "value");
    },
  },
  {
    name: "expiry: a time to live counts from the start of the current second",
    async run({ kv, clock, assert }) {
      await clock.advance(750);
      const expiration = (await clock.nowSeconds()) + 60;
      await kv.put("key", "value", { expirationTtl: 60 });
      assert.same((await kv.list()).keys, [{ name: "key", expiration }]);
    },
  },
  {
    name: "expiry: too short or impossible times to live are refused, each with its text",
    async run({ kv, loose, assert }) {
      for (const [expirationTtl, text] of [
        [0, "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
        [-1, "Invalid expiration_ttl of -1. Please specify integer greater than 0."],
        [Number.NaN, "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
        [Number.POSITIVE_INFINITY, "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
        [null, "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
        ["soon", "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
        [1, "Invalid expiration_ttl of 1. Expiration TTL must be at least 60."],
        [59.99, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."],
      ] as const) {
        await assert.rejects(
          () => loose.put("key", "value", { expirationTtl }),
          refusal("PUT", 400, "expiration_invalid", text),
        );
      }
      assert.same(await kv.get("key"), null);
    },
  },
  {
    name: "expiry: past and too near times are refused, each with its text",
    async run({ kv, clock, loose, assert }) {
      const now = await clock.nowSeconds();
      const past = (seconds: number) =>
        `Invalid expiration of ${seconds}. Please specify integer greater than the current number of seconds since the UNIX epoch.`;
      const near = (seconds: number) =>
        `Invalid expiration of ${seconds}. Expiration times must be at least 60 seconds in the future.`;
      for (const [expiration, text] of [
        [100, past(100)],
        [0, past(0)],
        [-5, past(-5)],
        [null, past(0)],
        [now, past(now)],
        [now + 1, near(now + 1)],
        [now + 59, near(now + 59)],
      ] as const) {
        await assert.rejects(
          () => loose.put("key", "value", { expiration }),
          refusal("PUT", 400, "expiration_invalid", text),
        );
      }
      await kv.put("key", "value", { expiration: now + 60 });
      assert.same((await kv.list()).keys, [{ name: "key", expiration: now + 60 }]);
    },
  },
  {
    name: "expiry: numbers are cut to 32-bit integers, those beyond are TypeErrors",
    async run({ kv, clock, loose, assert }) {
      for (const [expirationTtl, seconds] of [
        [60.7, 60],
        ["90", 90],
        [2147483647, 2147483647],
      ] as const) {
        const expiration = (await clock.nowSeconds()) + seconds;
        await loose.put("key", "value", { expirationTtl });
        assert.same((await kv.list()).keys, [{ name: "key", expiration }]);
      }
      const outOfRange = typeError(
        "Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
      );
      // A timestamp in milliseconds, the classic mistake, is among these numbers.
      for (const number of [2 ** 31, -(2 ** 31) - 1, 1_700_000_000_000, "99999999999"]) {
        await assert.rejects(() => loose.put("key", "value", { expirationTtl: number }), outOfRange);
        await assert.rejects(() => loose.put("key", "value", { expiration: number }), outOfRange);
      }
      await assert.rejects(() => loose.put("key", "value", { expirationTtl: 60n }), typeError());
    },
  },
  {
    name: "expiry: a commit takes times after 2038, and refuses a timestamp in milliseconds",
    async run({ kv, assert }) {
      const expiration = 4_102_444_800;
      await kv.atomic().put("key", "value", { expiration }).commit();
      assert.same((await kv.list()).keys, [{ name: "key", expiration }]);
      const inMilliseconds = kv.atomic().put("key", "value", { expiration: 1_700_000_000_000 });
      await assert.rejects(
        () => inMilliseconds.commit(),
        typeError("Value out of range. Must be between -2147483648 and 253402300799 (inclusive)."),
      );
    },
  },
  {
    name: "expiry: the time to live wins, and the other is not even looked at",
    async run({ kv, clock, assert }) {
      const expiration = (await clock.nowSeconds()) + 120;
      await kv.put("key", "value", { expirationTtl: 120, expiration: 5 });
      assert.same((await kv.list()).keys, [{ name: "key", expiration }]);
    },
  },
  {
    name: "expiry: what is wrong with the expiry is told before what is wrong with metadata or value",
    async run({ kv, assert }) {
      const metadata = "x".repeat(2000);
      const value = new Uint8Array(26_214_401);
      await assert.rejects(
        () => kv.put("key", value, { expirationTtl: 1, metadata }),
        refusal(
          "PUT",
          400,
          "expiration_invalid",
          "Invalid expiration_ttl of 1. Expiration TTL must be at least 60.",
        ),
      );
      await assert.rejects(
        () => kv.put("key", value, { metadata }),
        refusal("PUT", 413, "metadata_too_large", "Metadata length of 2002 exceeds limit of 1024."),
      );
    },
  },
  {
    name: "expiry: an expired entry can be written again, and counts as absent",
    async run({ kv, clock, assert }) {
      await kv.put("key", "old", { expirationTtl: 60, metadata: "old" });
      await clock.advance(60_000);
      assert.same((await kv.put("key", "new", { ifAbsent: true })).ok, true);
      const { value, metadata } = await kv.getWithMetadata("key");
      assert.same({ value, metadata }, { value: "new", metadata: null });
    },
  },
];
