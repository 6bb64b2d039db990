import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

const LEGAL_KEYS = [
  "a/b/c",
  "/leading",
  "trailing/",
  "a//b",
  "a/../b",
  "../up",
  "./here",
  "...",
  "100%",
  "%2F",
  "%",
  "with space",
  " ",
  "plus+plus",
  "q?x=1&y=2",
  "h#ash",
  "a:b[c]",
  "@!$&'()*+,;=",
  "bulk/get",
  "bulk/atomic",
  "increment",
  "tab\tand\nnewline",
  "nul\u0000byte",
  "é",
  "e\u0301",
  "日本語",
  "👩‍👩‍👧‍👦",
  "\uFFFD",
  "__proto__",
  "constructor",
  "1",
  '"quoted"',
  "back\\slash",
];

export const keyCases: readonly NamespaceCase[] = [
  {
    name: "keys: any text of 1 to 512 bytes is one key, whatever it means in a URL",
    async run({ kv, assert }) {
      for (const key of LEGAL_KEYS) await kv.put(key, `value of ${key}`);
      for (const key of LEGAL_KEYS) assert.same(await kv.get(key), `value of ${key}`, `get(${key})`);
      const { keys } = await kv.list();
      assert.same(keys.map(({ name }) => name).sort(), [...LEGAL_KEYS].sort());
      for (const key of LEGAL_KEYS) await kv.delete(key);
      assert.same((await kv.list()).keys, []);
    },
  },
  {
    name: "keys: any text is one key also in reads that start together",
    async run({ kv, assert }) {
      await Promise.all(LEGAL_KEYS.map((key) => kv.put(key, `value of ${key}`, { metadata: { key } })));
      const read = await Promise.all(LEGAL_KEYS.map((key) => kv.getWithMetadata(key)));
      for (const [at, key] of LEGAL_KEYS.entries()) {
        assert.same(read[at]?.value, `value of ${key}`, key);
        assert.same(read[at]?.metadata, { key }, key);
      }
    },
  },
  {
    name: "keys: the empty name and the names . and .. are TypeErrors",
    async run({ kv, assert }) {
      for (const [key, message] of [
        ["", "Key name cannot be empty."],
        [".", '"." is not allowed as a key name.'],
        ["..", '".." is not allowed as a key name.'],
      ] as const) {
        for (const call of [
          () => kv.get(key),
          () => kv.getWithMetadata(key),
          () => kv.put(key, "value"),
          () => kv.delete(key),
        ]) {
          await assert.rejects(call, typeError(message));
        }
      }
    },
  },
  {
    name: "keys: 512 bytes of UTF-8 are accepted, 513 refused with their real length",
    async run({ kv, assert }) {
      for (const longest of ["k".repeat(512), "é".repeat(256), "😀".repeat(128)]) {
        await kv.put(longest, "fits");
        assert.same(await kv.get(longest), "fits");
        await kv.delete(longest);
        assert.same(await kv.get(longest), null);
      }
      for (const [key, bytes] of [
        ["k".repeat(513), 513],
        ["é".repeat(257), 514],
        ["😀".repeat(200), 800],
      ] as const) {
        const text = `UTF-8 encoded length of ${bytes} exceeds key length limit of 512.`;
        await assert.rejects(() => kv.get(key), refusal("GET", 414, "key_too_long", text));
        await assert.rejects(() => kv.getWithMetadata(key), refusal("GET", 414, "key_too_long", text));
        await assert.rejects(() => kv.put(key, "v"), refusal("PUT", 414, "key_too_long", text));
        await assert.rejects(() => kv.delete(key), refusal("DELETE", 414, "key_too_long", text));
      }
    },
  },
  {
    name: "keys: a missing argument is a TypeError that names it",
    differs: "native get() and getWithMetadata() throw this synchronously; ours always reject",
    async run({ loose, assert }) {
      const failed = (method: string, type: string, position = 1) =>
        typeError(
          `Failed to execute '${method}' on 'KvNamespace': parameter ${position} is not of type '${type}'.`,
        );
      await assert.rejects(() => loose.get(), failed("get", "string or Array"));
      await assert.rejects(() => loose.getWithMetadata(), failed("getWithMetadata", "Array or string"));
      await assert.rejects(() => loose.put(), failed("put", "string"));
      await assert.rejects(() => loose.put("key"), failed("put", "string or Object", 2));
      await assert.rejects(() => loose.delete(), failed("delete", "string"));
    },
  },
  {
    name: "keys: what is no string is turned into one",
    async run({ kv, loose, assert }) {
      for (const [key, name] of [
        [undefined, "undefined"],
        [null, "null"],
        [{}, "[object Object]"],
        [12, "12"],
        [true, "true"],
      ] as const) {
        await loose.put(key, "value");
        assert.same(await kv.get(name), "value", name);
        assert.same(await loose.get(key), "value", name);
        await loose.delete(key);
        assert.same(await kv.get(name), null, name);
      }
    },
  },
  {
    name: "keys: delete of an array deletes the one key of its text",
    async run({ kv, loose, assert }) {
      for (const key of ["a", "b", "a,b"]) await kv.put(key, "value");
      await loose.delete(["a", "b"]);
      assert.same(
        (await kv.list()).keys.map(({ name }) => name),
        ["a", "b"],
      );
    },
  },
  {
    name: "keys: a symbol, and an object whose toString throws, reject with that error",
    differs: "native get() throws it synchronously; ours always rejects",
    async run({ loose, assert }) {
      await assert.rejects(() => loose.get(Symbol("s")), typeError(/Cannot convert a Symbol value/));
      await assert.rejects(() => loose.put(Symbol("s"), "v"), typeError(/Cannot convert a Symbol value/));
      const hostile = {
        toString() {
          throw new RangeError("mine");
        },
      };
      await assert.rejects(() => loose.get(hostile), { name: "RangeError", message: "mine" });
    },
  },
  {
    name: "keys: a lone surrogate is refused, for it has no UTF-8 form",
    async run({ kv, assert }) {
      const refused = (verb: string) => refusal(verb, 400, "key_invalid", "Could not URL-decode key name");
      for (const key of ["a\uD800b", "\uDC00", "\uD83D"]) {
        await assert.rejects(() => kv.get(key), refused("GET"));
        await assert.rejects(() => kv.put(key, "v"), refused("PUT"));
        await assert.rejects(() => kv.delete(key), refused("DELETE"));
      }
      assert.same((await kv.list()).keys, []);
    },
  },
  {
    name: "keys: one that is no longer NFC-equal is another key",
    async run({ kv, assert }) {
      await kv.put("é", "composed");
      assert.same(await kv.get("e\u0301"), null);
    },
  },
  {
    name: "keys: deleting what never existed resolves with undefined",
    async run({ kv, assert }) {
      assert.same(await kv.delete("never"), undefined);
    },
  },
  {
    name: "keys: delete ignores what comes after the key",
    async run({ kv, loose, assert }) {
      const keys = ["a", "b", "c"];
      for (const key of keys) await kv.put(key, "");
      assert.same(await Promise.all(keys.map(loose.delete, loose)), [undefined, undefined, undefined]);
      assert.same(await kv.count(), 0);
    },
  },
  {
    name: "methods need their object",
    differs: "the native ones throw synchronously, with a text of their own",
    async run({ kv, assert }) {
      const { get } = kv;
      await assert.rejects(async () => get("key"), typeError());
    },
  },
];
