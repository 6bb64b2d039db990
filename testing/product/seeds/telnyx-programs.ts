import { FakeClock } from "@kvasir/store";
import { expect } from "vitest";
import { startFunction } from "../../harness/start-function.js";
import { barePrograms } from "./bare-programs.js";
import { fencedBlocks } from "./fenced-blocks.js";
import { describeSeed } from "./seed-table.js";

const DAY_MS = 86_400_000;

/** What the documents leave to their readers: the origin behind a cache, the two pages that a flag chooses between. */
const READERS_PART = `
export const serveNewUI = (request) => new Response("new " + new URL(request.url).pathname);
export const serveOldUI = (request) => new Response("old " + new URL(request.url).pathname);
let fetched = 0;
export async function fetch(input, init) {
  if (input === "https://api.example.com/data") return new Response("data " + ++fetched);
  return globalThis.fetch(input, init);
}`;

/** A program with only what its reader adds. It uses a namespace of its own. */
const withReadersPart = (code: string, manifest = "") => ({
  "func.toml": `prelude = "readers-part.js"\n[edge_compute]\nfunc_name = "shop"\n${manifest}`,
  "readers-part.js": READERS_PART,
  "handler.js": code,
});
const asProject = (clock: FakeClock) => ({ clock, paths: ["func.toml"] });
const session = { headers: { "X-Session-ID": "ada" } };

describeSeed({ number: "000", system: "Telnyx KV with expiration_ttl", programs: 3 }, ({ text, program }) => {
  const [sessions, cache, flags] = barePrograms(text).map(({ code }) => code) as [string, string, string];

  program("session storage", async () => {
    const clock = new FakeClock();
    const { ask, api, database } = await startFunction({ "fn.js": sessions }, { clock });
    const first = (await (await ask("/", session)).json()) as object;
    expect(first).toEqual({ created: expect.any(Number), views: 0 });
    expect(await (await ask("/", session)).json()).toEqual({ ...first, views: 1 });
    expect(await (await ask("/", { headers: { "X-Session-ID": "bob" } })).json()).toMatchObject({ views: 0 });

    // The program's value reached the API as an envelope, and is read back as one.
    const { id } = (await database.catalog.find("fn")) as { id: string };
    const stored = await fetch(`${api}/v2/storage/kvs/${id}/keys/session:ada`);
    expect(((await stored.json()) as { data: unknown }).data).toEqual({
      key: "session:ada",
      value: btoa(JSON.stringify({ ...first, views: 1 })),
      expiration: Math.floor(clock.nowMs() / 1000) + DAY_MS / 1000,
    });
    clock.advance(DAY_MS);
    expect(await (await ask("/", session)).json()).toMatchObject({ views: 0 });
  });

  program("API response caching", async () => {
    const clock = new FakeClock();
    const { ask } = await startFunction(withReadersPart(cache), asProject(clock));
    await expectCache(ask, clock);
  });

  program("feature flags", async () => {
    const { ask, api, database } = await startFunction(withReadersPart(flags), asProject(new FakeClock()));
    expect(await (await ask("/page")).text()).toBe("old /page");
    const { id } = (await database.catalog.find("shop")) as { id: string };
    await fetch(`${api}/v2/storage/kvs/${id}/keys/feature%3Anew-ui`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ value: btoa("true") }),
    });
    expect(await (await ask("/page")).text()).toBe("new /page");
  });
});

describeSeed(
  { number: "001", system: "Telnyx KV with expiry in the program (JavaScript)", programs: 3 },
  (seed) => {
    const { text, program } = seed;
    const [sessions, cache, flags] = fencedBlocks(text)
      .filter(({ language }) => language === "javascript")
      .map(({ code }) => code) as [string, string, string];
    const manifest = '[storage.kv.MY_CACHE]\nid = "cache"\n';

    program("session storage", async () => {
      const clock = new FakeClock();
      const { ask, database } = await startFunction(withReadersPart(sessions, manifest), asProject(clock));
      const first = (await (await ask("/", session)).json()) as object;
      expect(first).toEqual({ created: expect.any(Number), views: 0 });
      expect(await (await ask("/", session)).json()).toEqual({ ...first, views: 1 });
      const stored = await database.namespaceById("cache").get("session/ada", "json");
      expect(stored).toEqual({
        value: JSON.stringify({ ...first, views: 1 }),
        expires_at: expect.any(Number),
      });
      clock.advance(DAY_MS);
      expect(await (await ask("/", session)).json()).toMatchObject({ views: 0 });
    });

    program("API response caching", async () => {
      const clock = new FakeClock();
      const { ask } = await startFunction(withReadersPart(cache, manifest), asProject(clock));
      await expectCache(ask, clock);
    });

    program("feature flags", async () => {
      const { ask, database } = await startFunction(
        withReadersPart(flags, manifest),
        asProject(new FakeClock()),
      );
      expect(await (await ask("/page")).text()).toBe("old /page");
      await database.namespaceById("cache").put("flag/new-ui", "true");
      expect(await (await ask("/page")).text()).toBe("new /page");
    });
  },
);

/** The cache of both documents: five minutes, by path. */
async function expectCache(ask: (path: string) => Promise<Response>, clock: FakeClock): Promise<void> {
  const seen = async (path: string) => {
    const response = await ask(path);
    return [response.headers.get("X-Cache"), await response.text()];
  };
  expect(await seen("/a?x=1")).toEqual(["MISS", "data 1"]);
  expect(await seen("/a")).toEqual(["HIT", "data 1"]);
  expect(await seen("/b")).toEqual(["MISS", "data 2"]);
  clock.advance(299_000);
  expect(await seen("/a")).toEqual(["HIT", "data 1"]);
  clock.advance(1_000);
  expect(await seen("/a")).toEqual(["MISS", "data 3"]);
}
