import type { ListQuery, Store } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { bytesOf, NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

/** In the order of their UTF-8 bytes, which differs from that of their UTF-16 units. */
const KEYS = ["", "A", "a", "a/", "a/1", "a/10", "a/2", "a0", "b", "é", "日", "\uffff", "😀"].filter(Boolean);

export function listCases(under: StoreUnderTest): void {
  describe("lists", () => {
    const opened = useStore(under);

    async function putAll(): Promise<void> {
      const { put, settle } = opened();
      await Promise.all([...KEYS].reverse().map((key) => put(key, `value of ${key}`)));
      await settle();
    }

    test("keys come in the order of their UTF-8 bytes", async () => {
      await putAll();
      expect(await keys(opened().store, { limit: 100 })).toEqual(KEYS);
      expect(await keys(opened().store, { limit: 100, reverse: true })).toEqual([...KEYS].reverse());
    });

    test.each<[string, Omit<ListQuery, "limit">, readonly string[]]>([
      ["prefix", { prefix: "a/" }, ["a/", "a/1", "a/10", "a/2"]],
      ["prefix that is a key", { prefix: "a/1" }, ["a/1", "a/10"]],
      ["prefix outside ASCII", { prefix: "😀" }, ["😀"]],
      ["highest prefix", { prefix: "\uffff" }, ["\uffff"]],
      ["start, included", { start: "b" }, ["b", "é", "日", "\uffff", "😀"]],
      ["end, excluded", { end: "a/1" }, ["A", "a", "a/"]],
      ["start and end", { start: "a/1", end: "b" }, ["a/1", "a/10", "a/2", "a0"]],
      ["prefix and start", { prefix: "a", start: "a/2" }, ["a/2", "a0"]],
      ["prefix and end", { prefix: "a", end: "a/10" }, ["a", "a/", "a/1"]],
      ["after", { after: "b" }, ["é", "日", "\uffff", "😀"]],
      ["after a key that is not there", { after: "c" }, ["é", "日", "\uffff", "😀"]],
      ["after, before the prefix", { after: "A", prefix: "a/1" }, ["a/1", "a/10"]],
      ["start past the end", { start: "b", end: "a" }, []],
      ["prefix and an end before it", { prefix: "b", end: "a" }, []],
    ])("%s", async (_, query, expected) => {
      await putAll();
      const { store } = opened();
      expect(await keys(store, { ...query, limit: 100 })).toEqual(expected);
      expect(
        await store.entries.count(
          NAMESPACE,
          query.after === undefined ? query : { start: `${query.after}\0`, ...query },
        ),
      ).toBe(expected.length);
      if (query.after !== undefined) return;
      const backwards = await keys(store, { ...query, limit: 100, reverse: true });
      expect(backwards).toEqual([...expected].reverse());
    });

    test("backwards, after means before", async () => {
      await putAll();
      const page = await keys(opened().store, { limit: 100, reverse: true, after: "a/10", prefix: "a" });
      expect(page).toEqual(["a/1", "a/", "a"]);
    });

    test.each([1, 2, 5, KEYS.length - 1, KEYS.length, KEYS.length + 1])(
      "pages of %i give every key once, both ways",
      async (limit) => {
        await putAll();
        const { store } = opened();
        expect(await allKeys(store, { limit })).toEqual(KEYS);
        expect(await allKeys(store, { limit, reverse: true })).toEqual([...KEYS].reverse());
      },
    );

    test("the last page says that it is the last", async () => {
      await putAll();
      const { store } = opened();
      const exact = await store.entries.list(NAMESPACE, { limit: KEYS.length });
      expect(exact.after).toBeNull();
      const short = await store.entries.list(NAMESPACE, { limit: KEYS.length - 1 });
      expect(short.after).toBe(KEYS.at(-2));
    });

    test("an entry is listed with all that it has", async () => {
      const { store, clock, put, settle } = opened();
      const modifiedMs = clock.nowMs();
      const expirationMs = modifiedMs + 100_000;
      const small = await put("a", "12345", { expirationMs, metadata: "[1]" });
      const large = await put("b", "x".repeat(5000));
      await settle();
      const { entries } = await store.entries.list(NAMESPACE, { limit: 10 });
      expect(entries).toEqual([
        { key: "a", version: small, expirationMs, metadata: "[1]", valueBytes: 5, modifiedMs },
        { key: "b", version: large, expirationMs: null, metadata: null, valueBytes: 5000, modifiedMs },
      ]);
    });

    test("a list with values reads small and large ones", async () => {
      const { store, put, settle } = opened();
      await put("a", "12345");
      await put("b", "x".repeat(200_000));
      await settle();
      const { entries } = await store.entries.list(NAMESPACE, { limit: 10, values: true });
      const values = await Promise.all(entries.map((entry) => bytesOf(entry.value ?? Buffer.of())));
      expect(values.map(String)).toEqual(["12345", "x".repeat(200_000)]);
    });

    test("namespaces beside it are not seen", async () => {
      const { store, put, settle } = opened();
      for (const id of ["other1", "other2"]) await store.namespaces.create({ id, title: id });
      await put("mine", "1");
      const theirs = { value: Buffer.of(1), expirationMs: null, metadata: null, contentType: null };
      await store.entries.put("other1", "theirs", theirs);
      await settle();
      expect(await keys(store, { limit: 10 })).toEqual(["mine"]);
      expect(await keys(store, { limit: 10, reverse: true })).toEqual(["mine"]);
      expect(await store.entries.count(NAMESPACE, {})).toBe(1);
      expect(await store.entries.get("other2", "theirs")).toBeNull();
    });

    const { expiredEntries = 100_000 } = under;

    test(`${expiredEntries} expired entries before the first live one cost bounded pages`, async () => {
      const { store, clock, put, settle } = opened();
      const expirationMs = clock.nowMs() + 1000;
      for (let start = 0; start < expiredEntries; start += 10_000) {
        await store.entries.writeMany(
          NAMESPACE,
          Array.from({ length: 10_000 }, (_, index) => ({
            type: "put" as const,
            key: `gone${start + index}`,
            value: Buffer.of(1),
            expirationMs,
            metadata: null,
            contentType: null,
          })),
        );
      }
      await put("live", "1");
      clock.advance(1000);
      await settle();
      expect(await allKeys(store, { limit: 1000 })).toEqual(["live"]);
    });
  });
}

async function keys(store: Store, query: ListQuery): Promise<string[]> {
  return (await store.entries.list(NAMESPACE, query)).entries.map((entry) => entry.key);
}

async function allKeys(store: Store, query: ListQuery): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.entries.list(NAMESPACE, { ...query, after });
    found.push(...page.entries.map((entry) => entry.key));
    if (page.after === null) return found;
    after = page.after;
  }
}
