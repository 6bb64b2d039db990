import { describe, expect, test } from "vitest";
import { bucketNumber, bucketsOf, partitionsOf, tagOf } from "./layout.js";
import { slotOf } from "./slot.js";

test("slots are those of the cluster", () => {
  // The check value of CRC-16/XMODEM, and an example of the specification.
  expect(slotOf("123456789")).toBe(0x31c3);
  expect(slotOf("foo")).toBe(12_182);
});

describe("the layout of a store", () => {
  const partitions = partitionsOf("shop");

  test("gives each partition a slot of its own, at equal distances, for all of its keys", () => {
    expect(partitions.map(({ slot }) => slot)).toEqual(Array.from({ length: 1024 }, (_, at) => at * 16));
    for (const { slot, ...keys } of partitions) {
      for (const key of [keys.expiry, keys.changes, keys.version, keys.fence, `${keys.prefix}e:any{x}`]) {
        expect(slotOf(tagOf(key))).toBe(slot);
      }
    }
  });

  test("never changes: data that is stored would not be found", () => {
    const places = ["user:1", "{user:1}:cart", "", "日本", "😀"].map((key) => bucketNumber(key, 1024));
    expect(places).toMatchInlineSnapshot(`
      [
        894,
        894,
        540,
        103,
        894,
      ]
    `);
    const buckets = bucketsOf(partitions, { generation: "abcdefghijkl", begin: 1, buckets: 4 });
    expect(buckets.map(({ entries }) => entries)).toMatchInlineSnapshot(`
      [
        "shop:{9md}e:abcdefghijkl",
        "shop:{11v}e:abcdefghijkl",
        "shop:{flj}e:abcdefghijkl",
        "shop:{330}e:abcdefghijkl",
      ]
    `);
  });

  test("spreads keys over buckets", () => {
    const counts = new Array(16).fill(0);
    for (let at = 0; at < 16_000; at++) counts[bucketNumber(`key${at}`, 16)]++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  test.each([
    ["{user}a", "user"],
    ["a{user}b{other}", "user"],
    ["{}a", "{}a"],
    ["{a", "{a"],
    ["plain", "plain"],
    ["user:1:name", "user:1:name"],
    ["lock:report:owner", "lock:report"],
    ["lock:report", "lock:report"],
    ["{lock:report}text", "lock:report"],
    ["event-log:orders:event:1", "event-log:orders"],
    ["session:id:abc", "session"],
    ["cache:{a}", "a"],
    ["locks:a", "locks:a"],
  ])("the tag of %s is %s", (key, tag) => {
    expect(tagOf(key)).toBe(tag);
  });
});
