import { describe, expect, it } from "vitest";
import { bodyOf, errorOf, type PageMeta, startTelnyx, type TelnyxApi, type WireKey } from "./telnyx-api.js";

interface Page {
  readonly names: string[];
  readonly meta: PageMeta;
}

async function page(api: TelnyxApi, query: string): Promise<Page> {
  const answer = await bodyOf<WireKey[], PageMeta>(api.fetch(`${api.keys}?${query}`));
  const { data, meta, record_type } = answer;
  expect(record_type).toBe("storage_kv_key");
  return { names: data.map(({ key }) => key), meta };
}

/** Writes keys `k000000` and up. */
async function startWithKeys(count: number): Promise<TelnyxApi> {
  const api = await startTelnyx({ encoding: "envelope" });
  const { store } = api.database;
  for (let start = 0; start < count; start += 10_000) {
    await store.entries.writeMany(
      api.namespaceId,
      Array.from({ length: Math.min(10_000, count - start) }, (_, at) => ({
        type: "put" as const,
        key: name(start + at),
        value: new Uint8Array(0),
        expirationMs: null,
        metadata: null,
        contentType: null,
      })),
    );
  }
  return api;
}

function name(at: number): string {
  return `k${String(at).padStart(6, "0")}`;
}

describe("the list of an envelope namespace", () => {
  it("has 20 keys on a page by default, at most 250, and says how many there are", async () => {
    const api = await startWithKeys(260);
    const first = await page(api, "");
    expect(first.names).toEqual(Array.from({ length: 20 }, (_, at) => name(at)));
    expect(first.meta).toEqual({ page_number: 1, page_size: 20, total_pages: 13, total_results: 260 });
    const largest = await page(api, "page[size]=1000");
    expect(largest.names).toHaveLength(250);
    expect(largest.meta).toMatchObject({ page_size: 250, total_pages: 2 });
    expect((await page(api, "page[size]=250&page[number]=2")).names).toHaveLength(10);
    const past = await page(api, "page[number]=99");
    expect(past).toEqual({
      names: [],
      meta: { page_number: 99, page_size: 20, total_pages: 13, total_results: 260 },
    });
  });

  it("finds a page that is jumped to, forwards and backwards", async () => {
    const api = await startWithKeys(5_000);
    for (const number of [400, 7, 401, 500, 1, 8]) {
      const { names, meta } = await page(api, `page[size]=10&page[number]=${number}`);
      expect(names[0], String(number)).toBe(name((number - 1) * 10));
      expect(meta.total_results).toBe(5_000);
    }
  });

  it("lists below a prefix", async () => {
    const api = await startWithKeys(300);
    const { names, meta } = await page(api, "prefix=k0002&page[size]=50&page[number]=2");
    expect(names[0]).toBe(name(250));
    expect(meta).toEqual({ page_number: 2, page_size: 50, total_pages: 2, total_results: 100 });
  });

  it("is empty where there is nothing", async () => {
    const api = await startWithKeys(0);
    expect(await page(api, "")).toEqual({
      names: [],
      meta: { page_number: 1, page_size: 20, total_pages: 0, total_results: 0 },
    });
  });

  it("neither skips nor repeats for who reads on, whatever is written before the page", async () => {
    const api = await startWithKeys(60);
    const kv = api.database.namespaceById(api.namespaceId);
    const seen = (await page(api, "")).names;
    await kv.delete(name(0));
    await kv.delete(name(1));
    seen.push(...(await page(api, "page[number]=2")).names);
    for (const key of ["a", "b", "c"]) await kv.put(key, "");
    seen.push(...(await page(api, "page[number]=3")).names);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => name(at)));
  });

  it("sees writes of the past at once where it starts, and anywhere after a minute", async () => {
    const api = await startWithKeys(40);
    await page(api, "page[number]=1");
    await api.database.namespaceById(api.namespaceId).put("a", "");
    expect((await page(api, "page[number]=1")).names[0]).toBe("a");
    await page(api, "page[number]=2");
    await api.database.namespaceById(api.namespaceId).delete("a");
    api.clock.advance(60_000);
    expect((await page(api, "page[number]=2")).names[0]).toBe(name(20));
  });

  it("counts 10,000 keys past the page, so that there is always a next page where there are more keys", async () => {
    const api = await startWithKeys(12_000);
    const first = await page(api, "page[size]=100");
    expect(first.meta).toMatchObject({ total_results: 10_100, total_pages: 101 });
    const later = await page(api, "page[size]=100&page[number]=30");
    expect(later.meta).toMatchObject({ total_results: 12_000, total_pages: 120 });
  });

  it("walks 100,000 keys for one request, and gets on from there with the next", async () => {
    const api = await startWithKeys(120_000);
    const path = `${api.keys}?page[size]=250&page[number]=440`;
    const refused = await api.fetch(path);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await errorOf(refused)).detail).toContain("too deep");
    const { names } = await page(api, "page[size]=250&page[number]=440");
    expect(names[0]).toBe(name(439 * 250));
  });
});
