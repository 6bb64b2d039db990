import { cache } from "@kvasir/client/recipes";
import { FakeClock, open } from "@kvasir/store";
import CachePolicy from "http-cache-semantics";
import { afterAll, describe, expect, test } from "vitest";
import { Random } from "../harness/random.js";
import { ORACLE_CASES, ORACLE_SEEDS } from "./limits.js";

type Headers_ = Readonly<Record<string, string>>;

/** A response that is asked for twice. */
interface Case {
  readonly status: number;
  readonly response: Headers_;
  readonly first: Headers_;
  readonly second: Headers_;
  readonly elapsedSeconds: number;
}

const clock = new FakeClock();
const database = open(":memory:", { clock });
const pages = cache(database.namespace("pages"), { ttlSeconds: 60, negativeTtlSeconds: 0, clock });
let urls = 0;
afterAll(() => database.close());

/** The `X-Cache` of the second response. */
async function xCacheOf({ status, response, first, second, elapsedSeconds }: Case): Promise<string | null> {
  const url = `https://example.com/${++urls}`;
  const handler = () => new Response(status === 204 ? null : "body", { status, headers: response });
  const ask = (headers: Headers_) =>
    pages.cached(new Request(url, { headers }), handler, { clientsMayBypass: true });
  await (await ask(first)).text();
  clock.advance(elapsedSeconds * 1000);
  return (await ask(second)).headers.get("X-Cache");
}

/** What `http-cache-semantics` decides, by a clock of its own. */
class Oracle extends CachePolicy {
  static nowMs = 0;
  now(): number {
    return Oracle.nowMs;
  }
}

function oracleReuses({ status, response, first, second, elapsedSeconds }: Case, beganMs: number): boolean {
  const request = (headers: Headers_) => ({ method: "GET", url: "/", headers: lower(headers) });
  Oracle.nowMs = beganMs;
  const policy = new Oracle(request(first), { status, headers: lower(response) }, { shared: true });
  Oracle.nowMs += elapsedSeconds * 1000;
  return policy.storable() && policy.satisfiesWithoutRevalidation(request(second));
}

function lower(headers: Headers_): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Where this cache is stricter on purpose: docs/recipes/cache.md says each of these. */
function isStricter({ response, first, second }: Case): boolean {
  const control = response["Cache-Control"] ?? "";
  const credentials = (headers: Headers_) =>
    "Authorization" in headers ? "authorization" : "Cookie" in headers ? "cookie" : "none";
  if ("Set-Cookie" in response || "Content-Encoding" in response) return true;
  if (credentials(first) !== credentials(second)) return true;
  return credentials(first) !== "none" && !/public|s-maxage/.test(control);
}

/**
 * Left out, because the oracle itself is stricter than the RFC or reads something else: `must-revalidate`
 * and `proxy-revalidate` (it takes fresh responses for stale), `Date` in the past (it ignores it), statuses that it does not know, numbers
 * with letters behind them. The table below has those.
 */
function randomCase(random: Random): Case {
  const seconds = () => random.pick([0, 1, 10, 60, 3600]);
  const directives = [
    random.chance(0.6) && `max-age=${seconds()}`,
    random.chance(0.3) && `s-maxage=${seconds()}`,
    random.chance(0.3) && "public",
    random.chance(0.08) && "private",
    random.chance(0.08) && "no-store",
    random.chance(0.08) && "no-cache",
    random.chance(0.1) && 'extension="a, no-store"',
  ].filter((directive) => directive !== false);
  if (random.chance(0.3)) directives.reverse();
  const stated = directives.some((directive) => directive.includes("max-age"));
  const expires =
    !stated || random.chance(0.2)
      ? { Expires: random.chance(0.1) ? "0" : new Date(clock.nowMs() + seconds() * 1000).toUTCString() }
      : {};
  const headers = (): Headers_ => ({
    ...(random.chance(0.2) && { Cookie: `id=${random.below(2)}` }),
    ...(random.chance(0.15) && { Authorization: `Bearer ${random.below(2)}` }),
    ...(random.chance(0.5) && { "Accept-Language": random.pick(["de", "en"]) }),
    ...(random.chance(0.2) && {
      "Cache-Control": random.pick(["no-cache", "max-age=5", "max-age=0", "min-fresh=5", "no-transform"]),
    }),
  });
  const vary = random.pick(["", "", "", "Accept-Language", "accept-language, Accept", "Cookie", "*"]);
  return {
    status: random.pick([200, 200, 200, 203, 204, 301, 302, 307, 308, 404, 410]),
    response: {
      ...(directives.length > 0 && { "Cache-Control": directives.join(random.pick([", ", ","])) }),
      ...expires,
      ...(random.chance(0.2) && { Age: String(seconds()) }),
      ...(random.chance(0.1) && { "Set-Cookie": "a=b" }),
      ...(random.chance(0.05) && { "Content-Encoding": "gzip" }),
      ...(vary !== "" && { Vary: vary }),
    },
    first: headers(),
    second: headers(),
    elapsedSeconds: random.pick([0.001, 0.001, 1, 9, 10, 59]),
  };
}

describe("reuses a response exactly where http-cache-semantics does, or is stricter on purpose", () => {
  test.each(Array.from({ length: ORACLE_SEEDS }, (_, seed) => seed))("seed %d", async (seed) => {
    const random = new Random(seed);
    const outcomes = { reused: 0, refused: 0, stricter: 0 };
    for (let at = 0; at < ORACLE_CASES / ORACLE_SEEDS; at++) {
      const each = randomCase(random);
      const beganMs = clock.nowMs();
      const reused = (await xCacheOf(each)) === "HIT";
      const stricter = isStricter(each);
      const expected = !stricter && oracleReuses(each, beganMs);
      outcomes[stricter ? "stricter" : expected ? "reused" : "refused"]++;
      expect({ ...each, reused }).toEqual({ ...each, reused: expected });
    }
    // Otherwise the cases would prove nothing.
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(10);
  });
});

const LONG = { "Cache-Control": "max-age=100" };
const past = (seconds: number) => new Date(new FakeClock().nowMs() - seconds * 1000).toUTCString();
const saying = (control: string): Headers_ => ({ "Cache-Control": control });

/** Section of RFC 9111, what it says, and what happens to the second request. */
const TABLE: readonly (readonly [string, string, Partial<Case>, "HIT" | "STALE" | "MISS" | "BYPASS"])[] = [
  ["3", "a final status with a stated lifetime", { status: 500, response: LONG }, "HIT"],
  ["3", "a status that is not cacheable by default", { status: 302, response: {} }, "MISS"],
  ["3", "a part of a response", { status: 206, response: LONG }, "MISS"],
  [
    "3.5",
    "Authorization with must-revalidate, stricter",
    {
      response: saying("max-age=9, must-revalidate"),
      first: { Authorization: "x" },
      second: { Authorization: "x" },
    },
    "MISS",
  ],
  [
    "3.5",
    "Authorization with public",
    { response: saying("max-age=9, public"), first: { Authorization: "x" }, second: { Authorization: "y" } },
    "HIT",
  ],
  [
    "3.5",
    "Authorization with s-maxage",
    { response: saying("s-maxage=9"), first: { Authorization: "x" }, second: { Authorization: "y" } },
    "HIT",
  ],
  ["4.1", "Vary: *", { response: { ...LONG, Vary: "*" } }, "MISS"],
  ["4.1", "Vary: * among others", { response: { ...LONG, Vary: "Accept, *" } }, "MISS"],
  [
    "4.1",
    "the same values, with other spaces",
    { response: { ...LONG, Vary: "Accept" }, first: { Accept: "a,  b" }, second: { Accept: "a, b" } },
    "HIT",
  ],
  [
    "4.1",
    "a header that is missing, and one that is empty",
    { response: { ...LONG, Vary: "X-A" }, first: { "X-A": "" } },
    "MISS",
  ],
  ["4.2.1", "a number with letters behind it", { response: saying("max-age=10x") }, "MISS"],
  ["4.2.1", "a number below 0", { response: saying("max-age=-1") }, "MISS"],
  ["4.2.1", "a quoted number", { response: saying('max-age="10"') }, "HIT"],
  ["4.2.1", "the first of two", { response: saying("max-age=10, max-age=0") }, "HIT"],
  ["4.2.1", "a number beyond all numbers", { response: saying(`max-age=${"9".repeat(30)}`) }, "HIT"],
  ["4.2.1", "names in capitals", { response: saying("MAX-AGE=10") }, "HIT"],
  ["4.2.1", "s-maxage before Expires", { response: { ...saying("s-maxage=10"), Expires: "0" } }, "HIT"],
  ["4.2.3", "an Age that is over", { response: { ...LONG, Age: "100" } }, "MISS"],
  ["4.2.3", "an Age that is no number", { response: { ...LONG, Age: "old" } }, "HIT"],
  ["4.2.3", "a Date that is longer ago than max-age", { response: { ...LONG, Date: past(1e6) } }, "MISS"],
  ["4.2.4", "stale", { response: saying("max-age=1"), elapsedSeconds: 1 }, "MISS"],
  [
    "RFC 5861",
    "stale-while-revalidate",
    { response: saying("max-age=1, stale-while-revalidate=9"), elapsedSeconds: 1 },
    "STALE",
  ],
  ["5.2.2.2", "fresh with must-revalidate", { response: saying("max-age=1, must-revalidate") }, "HIT"],
  [
    "5.2.2.2",
    "stale with must-revalidate",
    { response: saying("max-age=1, stale-while-revalidate=9, must-revalidate"), elapsedSeconds: 1 },
    "MISS",
  ],
  ["5.2.2.8", "fresh with proxy-revalidate", { response: saying("max-age=1, proxy-revalidate") }, "HIT"],
  [
    "5.2.2.8",
    "stale with proxy-revalidate",
    { response: saying("max-age=1, stale-while-revalidate=9, proxy-revalidate"), elapsedSeconds: 1 },
    "MISS",
  ],
  [
    "5.2.2.3",
    "must-understand with no-store, stricter",
    { response: saying("max-age=9, must-understand, no-store") },
    "MISS",
  ],
  ["5.2.2.4", "no-cache of one field, stricter", { response: saying('max-age=9, no-cache="X-A"') }, "MISS"],
  ["5.2.2.7", "private of one field, stricter", { response: saying('max-age=9, private="X-A"') }, "MISS"],
  ["5.3", "Expires that is no date", { response: { Expires: "0" } }, "MISS"],
  ["5.3", "Expires before Date", { response: { Expires: past(10), Date: past(5) } }, "MISS"],
  ["3.3", "a range of what is there", { response: LONG, second: { Range: "bytes=0-1" } }, "BYPASS"],
  [
    "RFC 6265",
    "Cookie without public, stricter",
    { response: LONG, first: { Cookie: "a=b" }, second: { Cookie: "a=b" } },
    "MISS",
  ],
  ["7.3", "Set-Cookie, stricter", { response: { ...LONG, "Set-Cookie": "a=b" } }, "MISS"],
];

describe("the table of cases", () => {
  test.each(TABLE)("%s: %s", async (_, __, each, expected) => {
    expect(
      await xCacheOf({ status: 200, response: {}, first: {}, second: {}, elapsedSeconds: 0, ...each }),
    ).toBe(expected);
  });
});

test.each([
  ["a stored miss", [{}], "kvasir; fwd=uri-miss; stored"],
  ["a hit with what is left", [{}, {}], "kvasir; hit; ttl=100"],
  ["another variant", [{ Accept: "a" }, { Accept: "b" }], "kvasir; fwd=vary-miss; stored"],
  ["a range", [{ Range: "bytes=0-1" }], "kvasir; fwd=bypass"],
] as const)("Cache-Status (RFC 9211) of %s", async (_, requests, expected) => {
  const url = `https://example.com/${++urls}`;
  const headers = { ...LONG, ...(requests.some((each) => "Accept" in each) && { Vary: "Accept" }) };
  let said: string | null = null;
  for (const each of requests) {
    const request = new Request(url, { headers: each });
    said = (await pages.cached(request, () => new Response("", { headers }))).headers.get("Cache-Status");
  }
  expect(said).toBe(expected);
});
