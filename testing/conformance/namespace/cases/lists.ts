import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

const names = (page: { keys: readonly { name: string }[] }) => page.keys.map(({ name }) => name);

export const listCases: readonly NamespaceCase[] = [
  {
    name: "list: an empty namespace is one complete, empty page",
    async run({ kv, loose, assert }) {
      const empty = { keys: [], list_complete: true, cacheStatus: null };
      assert.same(await kv.list(), empty);
      for (const options of [null, undefined, {}, []]) assert.same(await loose.list(options), empty);
    },
  },
  {
    name: "list: keys in ascending order of their UTF-8 bytes",
    async run({ kv, assert }) {
      // U+FFFD sorts before U+1F600 as bytes, but after it as UTF-16.
      const ordered = [
        "",
        "\u0000",
        " ",
        "-",
        "1",
        "10",
        "2",
        "A",
        "B",
        "Z",
        "_",
        "a",
        "aa",
        "b",
        "é",
        "ｆ",
        "\uFFFD",
        "\u{1F600}",
      ].filter((key) => key !== "");
      for (const key of [...ordered].reverse()) await kv.put(key, "");
      assert.same(names(await kv.list()), ordered);
    },
  },
  {
    name: "list: a key has a name, and expiration and metadata only where they are set",
    async run({ kv, clock, assert }) {
      const expiration = (await clock.nowSeconds()) + 60;
      await kv.put("a", "value");
      await kv.put("b", "value", { expirationTtl: 60 });
      await kv.put("c", "value", { metadata: { x: 1 } });
      await kv.put("d", "value", { expirationTtl: 60, metadata: 0 });
      assert.same((await kv.list()).keys, [
        { name: "a" },
        { name: "b", expiration },
        { name: "c", metadata: { x: 1 } },
        { name: "d", expiration, metadata: 0 },
      ]);
    },
  },
  {
    name: "list: a prefix is any start of a key, in whole or in part",
    async run({ kv, loose, assert }) {
      for (const key of ["a", "a:1", "a:2", "ab", "b", "ä", "äx", "undefined", "12", "null"]) {
        await kv.put(key, "");
      }
      assert.same(names(await kv.list({ prefix: "a:" })), ["a:1", "a:2"]);
      assert.same(names(await kv.list({ prefix: "a" })), ["a", "a:1", "a:2", "ab"]);
      assert.same(names(await kv.list({ prefix: "ä" })), ["ä", "äx"]);
      assert.same(names(await kv.list({ prefix: "zz" })), []);
      assert.same((await kv.list({ prefix: "" })).keys.length, 10);
      assert.same((await kv.list({ prefix: null, cursor: null })).keys.length, 10);
      assert.same((await kv.list({ prefix: "", cursor: "" })).keys.length, 10);
      assert.same(names((await loose.list({ prefix: 12 })) as { keys: { name: string }[] }), ["12"]);
    },
  },
  {
    name: "list: a prefix with characters that mean something in a query",
    async run({ kv, assert }) {
      for (const prefix of ["a b", "a+b", "a&b=c", "100%", "#", "?", "ü/", "😀"]) {
        await kv.put(`${prefix}key`, "");
        assert.same(names(await kv.list({ prefix })), [`${prefix}key`]);
      }
    },
  },
  {
    name: "list: a prefix over 512 bytes is refused as a key is",
    async run({ kv, assert }) {
      await kv.list({ prefix: "x".repeat(512) });
      await assert.rejects(
        () => kv.list({ prefix: "x".repeat(513) }),
        refusal("GET", 414, "key_too_long", "UTF-8 encoded length of 513 exceeds key length limit of 512."),
      );
    },
  },
  {
    name: "list: exactly as many keys as the limit are complete, one more is not",
    async run({ kv, assert }) {
      for (const key of ["a", "b", "c"]) await kv.put(key, "");
      const exact = await kv.list({ limit: 3 });
      assert.same(exact, {
        keys: [{ name: "a" }, { name: "b" }, { name: "c" }],
        list_complete: true,
        cacheStatus: null,
      });
      const first = await kv.list({ limit: 2 });
      assert.same(names(first), ["a", "b"]);
      assert.same(first.list_complete, false);
      assert.ok(!first.list_complete && typeof first.cursor === "string" && first.cursor !== "", "a cursor");
      const second = await kv.list({ limit: 2, cursor: first.list_complete ? null : first.cursor });
      assert.same(second, { keys: [{ name: "c" }], list_complete: true, cacheStatus: null });
    },
  },
  {
    name: "list: expired entries behind the last key do not make the page incomplete",
    async run({ kv, clock, assert }) {
      for (const key of ["a", "c"]) await kv.put(key, "");
      for (const key of ["b", "d", "e"]) await kv.put(key, "", { expirationTtl: 60 });
      await clock.advance(60_000);
      assert.same(await kv.list({ limit: 2 }), {
        keys: [{ name: "a" }, { name: "c" }],
        list_complete: true,
        cacheStatus: null,
      });
    },
  },
  {
    name: "list: pages put together are the list, whatever the limit, and whatever changes meanwhile",
    async run({ kv, assert }) {
      const keys = Array.from({ length: 57 }, (_, at) => `key-${String(at).padStart(3, "0")}`);
      await Promise.all(keys.map((key) => kv.put(key, "")));
      for (const limit of [1, 7, 19, 56, 57, 58, 1000]) {
        assert.same(await allNames(kv.list.bind(kv), { prefix: "key-", limit }), keys, `limit ${limit}`);
      }
      const first = await kv.list({ limit: 10 });
      await kv.delete("key-009");
      await kv.delete("key-010");
      await kv.put("key-000a", "behind the cursor");
      const rest = await kv.list({ cursor: first.list_complete ? null : first.cursor });
      assert.same(names(rest), keys.slice(11));
    },
  },
  {
    name: "list: a limit of 0 or less is none, it is cut to an integer, and 1,000 is the most",
    async run({ kv, loose, assert }) {
      for (const key of ["a", "b", "c"]) await kv.put(key, "");
      const list = async (limit: unknown) =>
        names((await loose.list({ limit })) as { keys: { name: string }[] });
      for (const limit of [0, -1, Number.NaN, null, undefined, "x", 0.9, 1000]) {
        assert.same(await list(limit), ["a", "b", "c"], String(limit));
      }
      assert.same(await list(1.9), ["a"]);
      assert.same(await list("2"), ["a", "b"]);
      await assert.rejects(
        () => kv.list({ limit: 1001 }),
        refusal(
          "GET",
          400,
          "limit_invalid",
          "Invalid key_count_limit of 1001. Please specify an integer less than 1000.",
        ),
      );
      await assert.rejects(() => kv.list({ limit: 2 ** 31 }), typeError(/^Value out of range/));
    },
  },
  {
    name: "list: without a limit a page has 1,000 keys",
    async run({ kv, assert }) {
      const keys = Array.from({ length: 1001 }, (_, at) => `key-${String(at).padStart(4, "0")}`);
      await Promise.all(keys.map((key) => kv.put(key, "")));
      const page = await kv.list();
      assert.same(names(page), keys.slice(0, 1000));
      assert.same(page.list_complete, false);
      assert.same(await allNames(kv.list.bind(kv), {}), keys);
    },
  },
  {
    name: "list: a cursor that is none of ours is refused",
    differs: "miniflare answers an empty page, which hides that entries are skipped",
    async run({ kv, assert }) {
      for (const cursor of ["*not base64*", "YQ==", "_w", "Y", "é"]) {
        await assert.rejects(
          () => kv.list({ cursor }),
          refusal(
            "GET",
            400,
            "cursor_invalid",
            "Invalid cursor. Please pass the cursor of the previous page.",
          ),
        );
      }
    },
  },
  {
    name: "list: options are an object or nothing",
    async run({ loose, assert }) {
      for (const options of ["text", 5, true]) {
        await assert.rejects(
          () => loose.list(options),
          typeError("Failed to execute 'list' on 'KvNamespace': parameter 1 is not of type 'ListOptions'."),
        );
      }
    },
  },
  {
    name: "list: reverse, start and end, with and without a prefix, page by page",
    async run({ kv, assert }) {
      const keys = ["a1", "a2", "a3", "b1", "b2", "c1"];
      for (const key of keys) await kv.put(key, "");
      const list = (options: object) => allNames(kv.list.bind(kv), options);
      for (const limit of [1, 2, 1000]) {
        assert.same(await list({ limit, reverse: true }), [...keys].reverse());
        assert.same(await list({ limit, start: "a2", end: "b2" }), ["a2", "a3", "b1"]);
        assert.same(await list({ limit, start: "a2", end: "b2", reverse: true }), ["b1", "a3", "a2"]);
        assert.same(await list({ limit, prefix: "a", start: "a2" }), ["a2", "a3"]);
        assert.same(await list({ limit, prefix: "b", reverse: true }), ["b2", "b1"]);
        assert.same(await list({ limit, start: "b", end: "b" }), []);
        assert.same(await list({ limit, start: "c", end: "a" }), []);
      }
    },
  },
  {
    name: "list: values and versions when asked for, and only then",
    async run({ kv, assert }) {
      const large = "x".repeat(5000);
      await kv.put("a", "välue");
      await kv.put("b", large);
      await kv.put("c", new Uint8Array([65, 0xff]));
      const { keys } = await kv.list({ values: true, versions: true });
      assert.same(
        keys.map(({ name, value }) => [name, value]),
        [
          ["a", "välue"],
          ["b", large],
          ["c", "A\uFFFD"],
        ],
      );
      for (const { name, version } of keys) {
        const read = await kv.getWithMetadata(name, { version: true });
        assert.same(version, read.version, `version of ${name}`);
        assert.ok(typeof version === "number", "a number");
      }
      assert.same((await kv.list({ limit: 1 })).keys, [{ name: "a" }]);
    },
  },
];

type List = (options: object) => Promise<{
  keys: readonly { name: string }[];
  list_complete: boolean;
  cursor?: string;
}>;

/** The names of all pages of a list. */
async function allNames(list: List, options: object): Promise<string[]> {
  const all: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...options, cursor });
    all.push(...names(page));
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
  return all;
}
