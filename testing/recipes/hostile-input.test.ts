import type { KVNamespace } from "@kvasir/client";
import { cache, experiment, flags, preferences, rateLimit, sessions } from "@kvasir/client/recipes";
import {
  rateLimiter,
  responseCache,
  type SessionVariables,
  sessionMiddleware,
} from "@kvasir/client/recipes/hono";
import { open } from "@kvasir/store";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { Random } from "../harness/random.js";
import { HOSTILE_REQUESTS, HOSTILE_TEST_MS_MAX } from "./limits.js";

interface Data {
  readonly visits: number;
}

/** An application that passes on what clients send as keys of every recipe. */
function appOn(kv: KVNamespace): Hono<{ Variables: SessionVariables<Data> }> {
  const app = new Hono<{ Variables: SessionVariables<Data> }>();
  const pages = cache(kv, { ttlSeconds: 60, staleSeconds: 60, negativeTtlSeconds: 5 });
  const settings = preferences(kv, { defaults: { theme: "light" } });
  const known = flags(kv, { defaults: { beta: { rollout: 50, rules: [{ when: { plan: "pro" } }] } } });
  const checkout = experiment(kv, { name: "checkout", variants: { control: 1, blue: 1 } });
  const sent = (value: string | undefined) => JSON.parse(decodeURIComponent(value ?? "")) as string;
  app.use(sessionMiddleware<Data>(sessions<Data>(kv), { initial: () => ({ visits: 0 }) }));
  app.use(
    rateLimiter(rateLimit(kv, { limit: 1_000_000, windowSeconds: 60 }), {
      key: (c) => sent(c.req.header("X-Key")),
    }),
  );
  app.use("/page/*", responseCache(pages));
  app.all("/page/*", (c) => c.text("page", 200, { Vary: "X-Key" }));
  app.all("/keys", async (c) => {
    const key = sent(c.req.header("X-Key"));
    await pages.getOrSet(`value ${key}`, () => key.length);
    if (key !== "") await settings.get(key);
    if (key !== "") await known.isEnabled("beta", { id: key, plan: key });
    // Ids of users in an experiment are parts of keys and have their limits.
    if (/^[\w:%é/. "]{1,100}$/.test(key)) await checkout.assign(key);
    c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
    return c.text("ok");
  });
  app.onError((error, c) => {
    errors.push(error);
    return c.text(String(error), 500);
  });
  return app;
}

const errors: unknown[] = [];
const PIECES = [
  "",
  "a",
  ":",
  "%",
  "%3A",
  "\0",
  "\ud800",
  "é",
  "\u{1f600}",
  " ",
  "/",
  "..",
  "__proto__",
  '"',
  ";",
];

function randomText(random: Random): string {
  const text = Array.from({ length: random.below(6) }, () => random.pick(PIECES)).join("");
  return random.chance(0.1) ? text.padEnd(random.pick([80, 81, 512, 600, 5_000]), "x") : text;
}

/** A value that a header can carry, of any other kind. */
function randomHeader(random: Random): string {
  const text = randomText(random).replace(/[^\x20-\x7e\x80-\xff]/g, "");
  return random.pick([
    text,
    `session=${text}`,
    `__Host-session=${"A".repeat(43)}`,
    `__Host-session=${text}; __Host-session=x`,
    ";;;===",
    `max-age=${text}`,
    'no-cache="a, b',
    `"${text}"`,
    `W/"${text}", *`,
    "Tue, 99 Foo 9999",
    "-1",
    "9".repeat(40),
  ]);
}

const HEADERS = [
  "Cookie",
  "Authorization",
  "Cache-Control",
  "Pragma",
  "If-None-Match",
  "If-Modified-Since",
  "Accept",
  "Range",
  "Vary",
  "X-Forwarded-For",
];

test(
  "keys, cookies and headers of every kind are never an error of the server",
  async () => {
    const database = open(":memory:");
    const app = appOn(database.namespace("recipes"));
    const seed = 1;
    const random = new Random(seed);
    for (let at = 0; at < HOSTILE_REQUESTS; at++) {
      const headers = new Headers({
        "X-Key": encodeURIComponent(JSON.stringify(randomText(random))),
      });
      for (let more = random.below(4); more > 0; more--)
        headers.set(random.pick(HEADERS), randomHeader(random));
      const path = random.pick([
        "/keys",
        `/page/${encodeURIComponent(randomText(random).replaceAll("\ud800", "?"))}`,
      ]);
      const method = random.pick(["GET", "GET", "GET", "HEAD", "POST", "DELETE"]);
      const response = await app.request(path, { method, headers });
      expect([seed, at, response.status < 500, errors]).toEqual([seed, at, true, []]);
      await response.body?.cancel();
    }
    await database.close();
  },
  HOSTILE_TEST_MS_MAX,
);
