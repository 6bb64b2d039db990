import { refusal } from "../assert.js";
import type { NamespaceCase } from "../case.js";

export const bulkCases: readonly NamespaceCase[] = [
  {
    name: "bulk: a Map in the order of the request, null for what is missing",
    async run({ kv, assert }) {
      await kv.put("b", "two");
      await kv.put("a", "one");
      await kv.put("empty", "");
      const expected = new Map([
        ["b", "two"],
        ["missing", null],
        ["a", "one"],
        ["empty", ""],
      ]);
      const keys = [...expected.keys()];
      for (const found of [
        await kv.get(keys),
        await kv.get(keys, "text"),
        await kv.get(keys, {}),
        await kv.get(keys, { type: "text" }),
      ]) {
        assert.ok(found instanceof Map, "a Map");
        assert.same(found, expected);
      }
    },
  },
  {
    name: "bulk: integer-like and prototype-like keys are there, in their place",
    differs: "native workerd loses integer-like keys (it copies no index properties of the answer)",
    async run({ kv, assert }) {
      const keys = ["z", "10", "1", "a", "0", "__proto__", "constructor", "-1", "1.5"];
      for (const key of keys) await kv.put(key, `value of ${key}`, { metadata: key });
      const values = new Map(keys.map((key) => [key, `value of ${key}`]));
      assert.same(await kv.get(keys), values);
      const entries = keys.map((key) => [key, { value: `value of ${key}`, metadata: key }] as const);
      assert.same(await kv.getWithMetadata(keys), new Map(entries));
    },
  },
  {
    name: "bulk: each key once, what is no string turned into one",
    async run({ kv, loose, assert }) {
      for (const key of ["a", "null", "5", "[object Object]"]) await kv.put(key, key);
      assert.same(
        await loose.get(["a", "a", null, undefined, 5, {}, "a"]),
        new Map<string, string | null>([
          ["a", "a"],
          ["null", "null"],
          ["undefined", null],
          ["5", "5"],
          ["[object Object]", "[object Object]"],
        ]),
      );
    },
  },
  {
    name: "bulk: a Set is no array, but the one key of its text",
    async run({ kv, loose, assert }) {
      await kv.put("[object Set]", "value");
      assert.same(await loose.get(new Set(["a"])), "value");
    },
  },
  {
    name: "bulk: json, and what is none of it fails the whole read",
    async run({ kv, assert }) {
      await kv.put("a", '{"x":[1]}', { metadata: 7 });
      await kv.put("b", "5");
      const expected = new Map<string, unknown>([
        ["a", { x: [1] }],
        ["b", 5],
        ["missing", null],
      ]);
      assert.same(await kv.get(["a", "b", "missing"], "json"), expected);
      assert.same(await kv.get(["a", "b", "missing"], { type: "json" }), expected);
      assert.same(
        await kv.getWithMetadata(["a"], "json"),
        new Map([["a", { value: { x: [1] }, metadata: 7 }]]) as Map<string, unknown>,
      );
      await kv.put("c", "no json");
      const refused = refusal(
        "GET_BULK",
        400,
        "value_not_json",
        "At least one of the requested keys corresponds to a non-json value",
      );
      await assert.rejects(() => kv.get(["a", "c"], "json"), refused);
      await assert.rejects(() => kv.getWithMetadata(["c"], "json"), refused);
    },
  },
  {
    name: "bulk: other types are refused before anything else is looked at",
    async run({ loose, assert }) {
      for (const type of ["arrayBuffer", "stream", "banana"]) {
        for (const options of [type, { type }]) {
          await assert.rejects(
            () => loose.get([], options),
            refusal("GET_BULK", 400, "type_invalid", `"${type}" is not a valid type. Use "json" or "text"`),
          );
        }
      }
    },
  },
  {
    name: "bulk: 1 to 100 keys",
    async run({ kv, assert }) {
      const keys = Array.from({ length: 101 }, (_, at) => `key${at}`);
      assert.same((await kv.get(keys.slice(0, 100))).size, 100);
      for (const read of [kv.get.bind(kv), kv.getWithMetadata.bind(kv)] as ((
        keys: string[],
      ) => Promise<unknown>)[]) {
        await assert.rejects(
          () => read(keys),
          refusal("GET_BULK", 400, "too_many_keys", "You can request a maximum of 100 keys"),
        );
        await assert.rejects(
          () => read([]),
          refusal("GET_BULK", 400, "too_many_keys", "You must request a minimum of 1 key"),
        );
      }
    },
  },
  {
    name: "bulk: keys are checked by the backend, with its own texts",
    async run({ kv, assert }) {
      for (const [key, status, code, text] of [
        ["", 400, "key_invalid", "Key names must not be empty"],
        [".", 400, "key_invalid", 'Illegal key name ".". Please use a different name.'],
        ["..", 400, "key_invalid", 'Illegal key name "..". Please use a different name.'],
        [
          "x".repeat(513),
          414,
          "key_too_long",
          "UTF-8 encoded length of 513 exceeds key length limit of 512.",
        ],
      ] as const) {
        await assert.rejects(() => kv.get(["fine", key]), refusal("GET_BULK", status, code, text));
      }
    },
  },
  {
    name: "bulk: with metadata an entry is value and metadata only, and null where there is none",
    async run({ kv, assert }) {
      await kv.put("a", "one", { metadata: { x: 1 } });
      await kv.put("b", "two");
      await kv.put("c", "three", { metadata: 0 });
      assert.same(
        (await kv.getWithMetadata(["a", "b", "c", "missing"])) as Map<string, unknown>,
        new Map<string, unknown>([
          ["a", { value: "one", metadata: { x: 1 } }],
          ["b", { value: "two", metadata: null }],
          ["c", { value: "three", metadata: 0 }],
          ["missing", null],
        ]),
      );
    },
  },
  {
    name: "bulk: cacheTtl is checked as for one key",
    async run({ kv, assert }) {
      await assert.rejects(
        () => kv.get(["a"], { cacheTtl: 29 }),
        refusal(
          "GET_BULK",
          400,
          "cache_ttl_invalid",
          "Invalid cache_ttl of 29. Cache TTL must be at least 30.",
        ),
      );
    },
  },
  {
    name: "bulk: an answer over 25 MiB is refused",
    async run({ kv, assert }) {
      const value = new Uint8Array(13_107_201).fill(97);
      await kv.put("a", value);
      await kv.put("b", value);
      assert.same((await kv.get(["a"])).get("a")?.length, value.length);
      await assert.rejects(
        () => kv.get(["a", "b"]),
        refusal("GET_BULK", 413, "response_too_large", "Total size of request exceeds the limit of 25MB"),
      );
    },
  },
];
