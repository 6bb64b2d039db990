import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { type Cache, cache } from "./cache.js";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let clock: FakeClock;
let pages: Cache;
let work: Promise<unknown>[];
/** Number of calls of the handler. */
let handled: number;
beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  kv = database.namespace("pages");
  work = [];
  handled = 0;
  pages = cache(kv, { ttlSeconds: 60, clock, waitUntil: (promise) => void work.push(promise) });
});
afterEach(() => database.close());

type Answer = (request: Request) => Response;

const URL = "https://example.com/a?b=c";
const hello: Answer = () => new Response(`Hello ${handled}`);
const saying =
  (headers: Record<string, string>, status = 200): Answer =>
  () =>
    new Response(`Hello ${handled}`, { status, headers });

function ask(
  answer: Answer = hello,
  init?: RequestInit,
  { url = URL, clientsMayBypass }: { url?: string; clientsMayBypass?: boolean } = {},
): Promise<Response> {
  return pages.cached(
    new Request(url, init),
    async (request) => {
      handled++;
      return answer(request);
    },
    { clientsMayBypass },
  );
}

/** The `X-Cache` headers of this many requests in a row. */
async function statuses(
  times: number,
  answer?: Answer,
  init?: RequestInit,
  options?: Parameters<typeof ask>[2],
): Promise<(string | null)[]> {
  const said: (string | null)[] = [];
  for (let at = 0; at < times; at++) {
    const response = await ask(answer, init, options);
    await response.arrayBuffer();
    said.push(response.headers.get("X-Cache"));
  }
  return said;
}

describe("a response", () => {
  test("comes back as it was: status, headers, body, and its age", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const answer = () =>
      new Response(bytes, {
        status: 203,
        statusText: "As told",
        headers: { "Content-Type": "image/png", "X-Own": "é", Connection: "X-Hop", "X-Hop": "1" },
      });
    const missed = await ask(answer);
    clock.advance(1_999);
    const hit = await ask(answer);
    for (const response of [missed, hit]) {
      expect([response.status, response.statusText]).toEqual([203, "As told"]);
      expect(response.headers.get("Content-Type")).toBe("image/png");
      expect(response.headers.get("X-Own")).toBe("é");
      expect(response.headers.has("X-Hop")).toBe(false);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    }
    expect([missed.headers.get("X-Cache"), missed.headers.get("Age")]).toEqual(["MISS", null]);
    expect([hit.headers.get("X-Cache"), hit.headers.get("Age")]).toEqual(["HIT", "1"]);
  });

  test.each([
    ["text with quotes and line ends", '{"a":"b"}\n\r\n\ufeffc'],
    ["a byte order mark", "\ufeffa"],
    ["nothing", ""],
  ])("with a body of %s", async (_, text) => {
    const bytes = new TextEncoder().encode(text);
    const answer = () => new Response(bytes);
    await ask(answer);
    const hit = await ask(answer);
    expect(new Uint8Array(await hit.arrayBuffer())).toEqual(bytes);
    expect(hit.headers.has("Content-Type")).toBe(false);
  });

  test("without a body stays without", async () => {
    const answer = () => new Response(null, { status: 204 });
    expect(await statuses(2, answer)).toEqual(["MISS", "HIT"]);
  });

  test("with a body that is too large is passed on whole, and not kept", async () => {
    const chunk = new Uint8Array(1 << 20).fill(7);
    const large = () => {
      let chunks = 0;
      return new Response(
        new ReadableStream({
          pull: (controller) => (chunks++ < 11 ? controller.enqueue(chunk) : controller.close()),
        }),
      );
    };
    for (let times = 0; times < 2; times++) {
      const response = await ask(large);
      expect(response.headers.get("X-Cache")).toBe("MISS");
      expect((await response.arrayBuffer()).byteLength).toBe(11 << 20);
    }
  });

  test("is computed once for many", async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(new Set(await Promise.all(responses.map((response) => response.text())))).toEqual(
      new Set(["Hello 1"]),
    );
    expect(handled).toBe(1);
  });

  test("is kept for each URL, without its fragment", async () => {
    await ask(hello, {}, { url: "https://example.com/a#one" });
    expect(await (await ask(hello, {}, { url: "https://example.com/a#two" })).text()).toBe("Hello 1");
    expect(await (await ask(hello, {}, { url: "https://example.com/a?" })).text()).toBe("Hello 2");
    const long = `https://example.com/${"é".repeat(500)}`;
    await ask(hello, {}, { url: long });
    expect(await (await ask(hello, {}, { url: long })).text()).toBe("Hello 3");
    expect(await (await ask(hello, {}, { url: `${long}x` })).text()).toBe("Hello 4");
  });
});

describe("how long", () => {
  test.each<[string, Record<string, string>, number]>([
    ["max-age", { "Cache-Control": "max-age=10" }, 10],
    ["s-maxage before max-age", { "Cache-Control": "max-age=10, s-maxage=20" }, 20],
    ["Expires", { Expires: new Date(1_700_000_030_000).toUTCString() }, 30],
    ["max-age before Expires", { Expires: "0", "Cache-Control": "max-age=10" }, 10],
    ["an age it had already", { "Cache-Control": "max-age=10", Age: "4" }, 6],
    [
      "a date that is past",
      { "Cache-Control": "max-age=10", Date: new Date(1_700_000_000_000 - 3_000).toUTCString() },
      7,
    ],
    ["the cache's own time", {}, 60],
    ["public alone is no time", { "Cache-Control": "public" }, 60],
  ])("%s", async (_, headers, seconds) => {
    await ask(saying(headers));
    clock.advance(seconds * 1000 - 1);
    expect(await statuses(1, saying(headers))).toEqual(["HIT"]);
    clock.advance(1);
    expect(await statuses(1)).toEqual(["MISS"]);
  });

  test("an age counts on", async () => {
    await ask(saying({ "Cache-Control": "max-age=10", Age: "4" }));
    clock.advance(3_000);
    expect((await ask()).headers.get("Age")).toBe("7");
  });

  test.each<[string, Record<string, string>, number]>([
    ["no-store", { "Cache-Control": "no-store" }, 200],
    ["private", { "Cache-Control": "private, max-age=60" }, 200],
    ["private fields", { "Cache-Control": 'private="X-A", max-age=60' }, 200],
    ["no-cache", { "Cache-Control": "no-cache" }, 200],
    ["no time at all", { "Cache-Control": "max-age=0" }, 200],
    ["a date that is none", { Expires: "0" }, 200],
    ["an age past its time", { "Cache-Control": "max-age=10", Age: "10" }, 200],
    ["a cookie", { "Set-Cookie": "a=b", "Cache-Control": "public, max-age=60" }, 200],
    ["Vary: *", { Vary: "*" }, 200],
    ["an encoded body", { "Content-Encoding": "gzip" }, 200],
    ["a part", { "Content-Range": "bytes 0-1/2" }, 206],
    ["events without end", { "Content-Type": "text/event-stream" }, 200],
    ["an error", {}, 500],
    ["nothing there, unless told", {}, 404],
    ["somewhere else for now", { Location: "/" }, 302],
  ])("never: %s", async (_, headers, status) => {
    expect(await statuses(2, saying(headers, status))).toEqual(["MISS", "MISS"]);
    expect(handled).toBe(2);
  });

  test.each<[number, Record<string, string>, string]>([
    [404, {}, "negativeTtlSeconds"],
    [410, {}, "negativeTtlSeconds"],
    [500, { "Cache-Control": "max-age=5" }, "what it says itself"],
    [302, { "Cache-Control": "max-age=5" }, "what it says itself"],
  ])("a status of %d with %j as long as %s", async (status, headers) => {
    pages = cache(kv, { ttlSeconds: 60, negativeTtlSeconds: 5, clock });
    expect(await statuses(2, saying(headers, status))).toEqual(["MISS", "HIT"]);
    clock.advance(5_000);
    expect(await statuses(1, saying(headers, status))).toEqual(["MISS"]);
  });

  test("an answer that cannot be kept makes nobody wait for others", async () => {
    const answers = Array.from({ length: 10 }, () => ask(saying({ "Set-Cookie": "a=b" })));
    expect(new Set(await Promise.all(answers.map(async (response) => (await response).text()))).size).toBe(
      10,
    );
    // It is remembered only for a while.
    expect(await statuses(1)).toEqual(["MISS"]);
    clock.advance(10_000);
    expect(await statuses(2)).toEqual(["MISS", "HIT"]);
  });
});

describe("stale", () => {
  test.each<[string, Record<string, string>, string]>([
    ["as the cache has it", {}, "STALE"],
    ["as the response has it", { "Cache-Control": "max-age=60, stale-while-revalidate=30" }, "STALE"],
    ["with s-maxage, when told", { "Cache-Control": "s-maxage=60, stale-while-revalidate=30" }, "STALE"],
    ["not with s-maxage alone", { "Cache-Control": "s-maxage=60" }, "MISS"],
    ["not with must-revalidate", { "Cache-Control": "max-age=60, must-revalidate" }, "MISS"],
    ["not when the response says 0", { "Cache-Control": "max-age=60, stale-while-revalidate=0" }, "MISS"],
  ])("%s", async (_, headers, expected) => {
    pages = cache(kv, {
      ttlSeconds: 60,
      staleSeconds: 30,
      clock,
      waitUntil: (promise) => void work.push(promise),
    });
    await ask(saying(headers));
    clock.advance(60_000);
    expect(await statuses(1, saying(headers))).toEqual([expected]);
    await Promise.all(work);
    const next = await ask(saying(headers));
    expect([next.headers.get("X-Cache"), await next.text()]).toEqual(["HIT", "Hello 2"]);
  });
});

describe("a request", () => {
  test("with HEAD is answered from what GET left, without a body", async () => {
    expect((await ask(hello, { method: "HEAD" })).headers.get("X-Cache")).toBe("MISS");
    await ask();
    const head = await ask(hello, { method: "HEAD" });
    expect([head.headers.get("X-Cache"), await head.text()]).toEqual(["HIT", ""]);
    expect(handled).toBe(2);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])(
    "with %s passes by, and removes what is kept",
    async (method) => {
      await ask();
      expect(await statuses(1, saying({}, 500), { method })).toEqual(["BYPASS"]);
      expect(await statuses(1)).toEqual(["HIT"]);
      expect(await statuses(1, hello, { method })).toEqual(["BYPASS"]);
      expect(await statuses(1)).toEqual(["MISS"]);
    },
  );

  test.each<[string, Record<string, string>]>([
    ["no-store", { "Cache-Control": "no-store" }],
    ["a range", { Range: "bytes=0-1" }],
    ["a condition on the resource", { "If-Match": '"a"' }],
  ])("with %s passes by", async (_, headers) => {
    await ask();
    expect(await statuses(1, hello, { headers }, { clientsMayBypass: true })).toEqual(["BYPASS"]);
    expect(await statuses(1)).toEqual(["HIT"]);
  });

  test.each([
    { "Cache-Control": "no-cache" },
    { "Cache-Control": "no-store" },
    { "Cache-Control": "max-age=0" },
    { "Cache-Control": "min-fresh=999" },
    { "Cache-Control": "no-cache, kvasir-refresh=guessed" },
    { Pragma: "no-cache" },
  ])("cannot make the cache call the handler again: %o", async (headers) => {
    await ask();
    clock.advance(10_000);
    expect(await statuses(2, hello, { headers })).toEqual(["HIT", "HIT"]);
    expect(handled).toBe(1);
  });

  test.each<[string, Record<string, string>, string]>([
    ["no-cache", { "Cache-Control": "no-cache" }, "MISS"],
    ["Pragma", { Pragma: "no-cache" }, "MISS"],
    ["Pragma beside Cache-Control", { Pragma: "no-cache", "Cache-Control": "max-age=100" }, "HIT"],
    ["max-age=0", { "Cache-Control": "max-age=0" }, "MISS"],
    ["a max-age that is over", { "Cache-Control": "max-age=9" }, "MISS"],
    ["a max-age that is not", { "Cache-Control": "max-age=10" }, "HIT"],
    ["a min-fresh that is more than is left", { "Cache-Control": "min-fresh=51" }, "MISS"],
    ["a min-fresh that is left", { "Cache-Control": "min-fresh=50" }, "HIT"],
  ])("with %s", async (_, headers, expected) => {
    await ask();
    clock.advance(10_000);
    expect(await statuses(1, hello, { headers }, { clientsMayBypass: true })).toEqual([expected]);
    // The response to this request was stored for later requests.
    expect(await (await ask()).text()).toBe(expected === "MISS" ? "Hello 2" : "Hello 1");
  });

  test("that wants an answer from the cache only gets one, or 504", async () => {
    const init = { headers: { "Cache-Control": "only-if-cached" } };
    expect((await ask(hello, init)).status).toBe(504);
    await ask();
    expect(await (await ask(hello, init)).text()).toBe("Hello 1");
  });

  test.each<[string, Record<string, string>, number]>([
    ["the same tag", { "If-None-Match": '"x", "a,b"' }, 304],
    ["the same tag, weakly", { "If-None-Match": 'W/"a,b"' }, 304],
    ["any", { "If-None-Match": "*" }, 304],
    ["another tag", { "If-None-Match": '"b"' }, 200],
    ["the same time", { "If-Modified-Since": "Tue, 14 Nov 2023 00:00:00 GMT" }, 304],
    ["an earlier time", { "If-Modified-Since": "Mon, 13 Nov 2023 23:59:59 GMT" }, 200],
    ["no time", { "If-Modified-Since": "yesterday" }, 200],
    [
      "another tag and the same time",
      { "If-None-Match": '"b"', "If-Modified-Since": "Tue, 14 Nov 2023 00:00:00 GMT" },
      200,
    ],
  ])("of who has %s is answered with %d", async (_, headers, status) => {
    const answer: Answer = (request) => {
      // The cache needs the complete response.
      expect(request.headers.has("If-None-Match")).toBe(false);
      return saying({ ETag: '"a,b"', "Last-Modified": "Tue, 14 Nov 2023 00:00:00 GMT", "X-Own": "1" })(
        request,
      );
    };
    for (const xCache of ["MISS", "HIT"]) {
      const response = await ask(answer, { headers });
      expect([response.status, response.headers.get("X-Cache")]).toEqual([status, xCache]);
      expect(response.headers.get("ETag")).toBe('"a,b"');
      expect(response.headers.has("X-Own")).toBe(status === 200);
      expect(await response.text()).toBe(status === 200 ? "Hello 1" : "");
    }
  });
});

describe("credentials", () => {
  const cookie = { headers: { Cookie: "id=1" } };
  const token = { headers: { Authorization: "Bearer t" } };

  test("are for no answer that does not say that it may be kept", async () => {
    expect(await statuses(2, hello, cookie)).toEqual(["MISS", "MISS"]);
    expect(await statuses(2, hello, token)).toEqual(["MISS", "MISS"]);
    // This does not affect other requests.
    expect(await statuses(2)).toEqual(["MISS", "HIT"]);
    expect(await statuses(1, hello, cookie)).toEqual(["MISS"]);
  });

  test.each([
    ["a cookie", cookie],
    ["a token", token],
  ])("%s: only what says that it is for all", async (_, credentials) => {
    for (const own of ["max-age=60", "max-age=60, must-revalidate"]) {
      expect(await statuses(2, saying({ "Cache-Control": own }), credentials)).toEqual(["MISS", "MISS"]);
    }
    for (const shared of ["public, max-age=60", "s-maxage=60"]) {
      clock.advance(100_000);
      expect(await statuses(2, saying({ "Cache-Control": shared }), credentials)).toEqual(["MISS", "HIT"]);
    }
    await ask(hello, { method: "POST" });
    expect(await statuses(1, saying({ "Cache-Control": "s-maxage=60" }), credentials)).toEqual(["MISS"]);
  });
});

describe("Vary", () => {
  const byLanguage = saying({ Vary: "Accept-Language" });
  const language = (name: string) => ({ headers: { "Accept-Language": name } });

  test("keeps an answer for each value", async () => {
    expect(await (await ask(byLanguage, language("de"))).text()).toBe("Hello 1");
    expect(await (await ask(byLanguage, language("en"))).text()).toBe("Hello 2");
    expect(await (await ask(byLanguage, language(" de "))).text()).toBe("Hello 1");
    expect(await (await ask(byLanguage)).text()).toBe("Hello 3");
    expect(await statuses(1, byLanguage)).toEqual(["HIT"]);
  });

  test("goes with its URL: a change removes what is kept for every value", async () => {
    const german = () => ask(byLanguage, language("de"));
    const english = () => ask(byLanguage, language("en"));
    expect(await (await german()).text()).toBe("Hello 1");
    expect(await (await english()).text()).toBe("Hello 2");
    await ask(hello, { method: "POST" });
    expect(await (await english()).text()).toBe("Hello 4");
    expect(await (await german()).text()).toBe("Hello 5");
    await pages.delete(`${URL}#part`);
    expect(await (await german()).text()).toBe("Hello 6");
    expect(await (await english()).text()).toBe("Hello 7");
  });

  test("counts for many at once", async () => {
    const answers = ["de", "en", "de", "en", "de"].map((name) => ask(byLanguage, language(name)));
    const [first, second, ...others] = await Promise.all(
      answers.map(async (answer) => (await answer).text()),
    );
    expect(first).not.toBe(second);
    expect(others).toEqual([first, second, first]);
    expect(handled).toBe(2);
  });

  test("may come to name more", async () => {
    await ask(byLanguage, language("de"));
    const byBoth = saying({ Vary: "Accept, Accept-Language" });
    clock.advance(60_000);
    const german = (accept: string) => ({ headers: { "Accept-Language": "de", Accept: accept } });
    expect(await (await ask(byBoth, german("a"))).text()).toBe("Hello 2");
    expect(await (await ask(byBoth, german("b"))).text()).toBe("Hello 3");
    expect(await (await ask(byBoth, german("a"))).text()).toBe("Hello 2");
  });
});

describe("a change", () => {
  test.each([
    ["Location", "/a?b=c"],
    ["Content-Location", "https://example.com/a?b=c#part"],
  ])("removes what is kept of the URL in its %s", async (header, value) => {
    await ask();
    await ask(saying({ [header]: value }, 201), { method: "POST" }, { url: "https://example.com/all" });
    expect(await statuses(1)).toEqual(["MISS"]);
  });

  test.each([
    ["another origin", { Location: "https://other.example/a?b=c" }],
    ["no URL", { Location: "https://[" }],
  ])("removes nothing of %s", async (_, headers) => {
    await ask();
    await ask(saying(headers, 201), { method: "POST" }, { url: "https://other.example/all" });
    expect(await statuses(1)).toEqual(["HIT"]);
  });

  test("that happens while a page is made is not overtaken by that page", async () => {
    let changed = false;
    const slow = pages.cached(new Request(URL), async () => {
      await ask(hello, { method: "POST" });
      changed = true;
      return new Response("from before the change");
    });
    await slow;
    expect(changed).toBe(true);
    expect(await (await ask()).text()).toBe("Hello 2");
  });
});

test("tags and keys of one's own", async () => {
  const options = { tags: ["page"], key: (request: Request) => new globalThis.URL(request.url).pathname };
  const get = (query: string) =>
    pages.cached(
      new Request(`https://example.com/a?${query}`),
      () => new Response(`Hello ${++handled}`),
      options,
    );
  await get("one");
  expect(await (await get("two")).text()).toBe("Hello 1");
  await pages.invalidateTag("page");
  expect(await (await get("one")).text()).toBe("Hello 2");
});

test("a handler that throws is its caller's matter", async () => {
  const broken = () => {
    throw new Error("broken");
  };
  await expect(ask(broken)).rejects.toThrow("broken");
  expect(await statuses(2)).toEqual(["MISS", "HIT"]);
});
