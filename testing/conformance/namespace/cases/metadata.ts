import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

export const metadataCases: readonly NamespaceCase[] = [
  {
    name: "metadata: anything that JSON can say comes back, falsy values included",
    async run({ kv, assert }) {
      for (const metadata of [
        { a: 1, nested: { list: [1, "two", null] } },
        [1, 2],
        "text",
        "ünï\n\u0001 😀",
        "",
        0,
        1.5,
        false,
        true,
        {},
        [],
        { __proto__x: 1 },
      ]) {
        await kv.put("key", "value", { metadata });
        assert.same((await kv.getWithMetadata("key")).metadata, metadata);
        assert.same((await kv.list()).keys, [{ name: "key", metadata }]);
      }
    },
  },
  {
    name: "metadata: null, undefined and left out are none",
    async run({ kv, assert }) {
      for (const options of [{ metadata: null }, { metadata: undefined }, {}, undefined]) {
        await kv.put("key", "value", { metadata: "old" });
        await kv.put("key", "value", options);
        assert.same((await kv.getWithMetadata("key")).metadata, null);
        assert.same((await kv.list()).keys, [{ name: "key" }]);
      }
    },
  },
  {
    name: "metadata: what has a toJSON is stored as that says",
    async run({ kv, assert }) {
      await kv.put("key", "value", { metadata: new Date(0) });
      assert.same((await kv.getWithMetadata("key")).metadata, "1970-01-01T00:00:00.000Z");
    },
  },
  {
    name: "metadata: 1,024 bytes of JSON are accepted, 1,025 refused",
    async run({ kv, assert }) {
      for (const [fits, tooLong] of [
        ["x".repeat(1022), "x".repeat(1023)],
        [`${"é".repeat(511)}`, `${"é".repeat(511)}x`],
      ] as const) {
        await kv.put("key", "value", { metadata: fits });
        assert.same((await kv.getWithMetadata("key")).metadata, fits);
        await assert.rejects(
          () => kv.put("key", "other", { metadata: tooLong }),
          refusal("PUT", 413, "metadata_too_large", "Metadata length of 1025 exceeds limit of 1024."),
        );
        assert.same(await kv.get("key"), "value");
      }
    },
  },
  {
    name: "metadata: a circle or a BigInt is a TypeError of JSON",
    async run({ kv, assert }) {
      const circle: Record<string, unknown> = {};
      circle["self"] = circle;
      await assert.rejects(
        () => kv.put("key", "value", { metadata: circle }),
        typeError(/^Converting circular structure to JSON/),
      );
      await assert.rejects(
        () => kv.put("key", "value", { metadata: 5n }),
        typeError("Do not know how to serialize a BigInt"),
      );
      assert.same(await kv.get("key"), null);
    },
  },
  {
    name: "metadata: a function is refused",
    differs: "native workerd sends the word undefined, on which its backend fails with 500",
    async run({ kv, assert }) {
      await assert.rejects(
        () => kv.put("key", "value", { metadata: () => 1 }),
        refusal("PUT", 400, "metadata_invalid", "Metadata must be valid JSON"),
      );
    },
  },
  {
    name: "metadata: a put replaces value, metadata and expiry together",
    async run({ kv, clock, assert }) {
      const expiration = (await clock.nowSeconds()) + 100;
      await kv.put("key", "value", { metadata: "m", expiration });
      assert.same((await kv.list()).keys, [{ name: "key", expiration, metadata: "m" }]);
      await kv.put("key", "value");
      assert.same((await kv.list()).keys, [{ name: "key" }]);
      await clock.advance(200_000);
      assert.same(await kv.get("key"), "value");
    },
  },
];
