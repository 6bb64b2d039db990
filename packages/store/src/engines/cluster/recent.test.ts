import { describe, expect, test } from "vitest";
import { Recent } from "./recent.js";

/** A cluster with one value, whose lookups end when told to, and a clock that is moved by hand. */
function setUp(value: string | null = "one") {
  const cluster = { value, lookups: 0, nowMs: 0, end: () => {} };
  const recent = new Recent<string | null>({
    find: () => {
      cluster.lookups++;
      const found = cluster.value;
      return new Promise((resolve) => {
        cluster.end = () => resolve(found);
      });
    },
    freshMs: 250,
    staleMs: 800,
    valuesMax: 2,
    nowMs: () => cluster.nowMs,
  });
  /** Reads to the end, also if a lookup is needed. */
  const read = async (name = "a") => {
    const got = recent.get(name);
    cluster.end();
    return await got;
  };
  return { cluster, recent, read };
}

describe("a value that was looked up a moment ago", () => {
  test.each(["one", null])("is used without a look while it is fresh, also %j", async (value) => {
    const { cluster, recent, read } = setUp(value);
    expect(await read()).toBe(value);
    cluster.nowMs = 249;
    expect(recent.get("a")).toBe(value);
    expect(cluster.lookups).toBe(1);
  });

  test("is used while one look is under way, and then the new one is", async () => {
    const { cluster, recent, read } = setUp();
    await read();
    cluster.value = "two";
    cluster.nowMs = 799;
    expect([recent.get("a"), recent.get("a")]).toEqual(["one", "one"]);
    expect(cluster.lookups).toBe(2);
    cluster.end();
    await expect.poll(() => recent.get("a")).toBe("two");
  });

  test("is never used later than that, whatever the look takes", async () => {
    const { cluster, recent, read } = setUp();
    await read();
    cluster.value = null;
    cluster.nowMs = 300;
    // The look that begins here is not over when the value is too old.
    expect(recent.get("a")).toBe("one");
    cluster.nowMs = 800;
    const late = recent.get("a");
    expect(late).toBeInstanceOf(Promise);
    cluster.end();
    expect(await late).toBe(null);
    // The result is as old as the beginning of its lookup.
    cluster.nowMs = 1100;
    expect(recent.get("a")).toBeInstanceOf(Promise);
    cluster.end();
  });

  test("is not used after it was changed here, and a lookup from before does not bring it back", async () => {
    const { cluster, recent, read } = setUp();
    const before = recent.get("a");
    const { end } = cluster;
    recent.forget("a");
    cluster.value = null;
    expect(await read()).toBe(null);
    end();
    expect(await before).toBe("one");
    expect(recent.get("a")).toBe(null);
  });

  test("makes room for others", async () => {
    const { cluster, read } = setUp();
    for (const name of ["a", "b", "c", "a"]) await read(name);
    expect(cluster.lookups).toBe(4);
  });
});
