import { FakeClock, open } from "@kvasir/store";
import { type Context, Hono } from "hono";
import { describe, expect, test } from "vitest";
import { Random } from "../../../../../testing/harness/random.js";
import { cache } from "../cache/cache.js";
import { sessions } from "../sessions/sessions.js";
import { responseCache } from "./cache.js";
import type { HonoMiddleware } from "./context.js";
import { type SessionVariables, sessionMiddleware } from "./sessions.js";

interface Data {
  readonly name: string;
}
type Env = { Variables: SessionVariables<Data> };

/** What a handler reads, so that its response depends on it. */
type Source = "nothing" | "session" | "cookie" | "authorization";

const LIFETIMES = ["max-age=60", "max-age=60, must-revalidate", "max-age=60, stale-while-revalidate=60", ""];
const SHARED = [
  "public, max-age=60",
  "s-maxage=60",
  "public",
  "public, stale-while-revalidate=60, max-age=60",
];

/** An app of random shape: middleware in random order, and a handler that depends on one source or none. */
class RandomApp {
  readonly clock = new FakeClock();
  readonly database = open(":memory:", { clock: this.clock });
  readonly all = sessions<Data>(this.database.namespace("sessions"), { clock: this.clock });
  readonly app = new Hono<Env>();
  readonly work: Promise<unknown>[] = [];
  readonly shape: string;
  readonly #source: Source;
  readonly #cacheControl: string;

  constructor(random: Random) {
    const pages = cache(this.database.namespace("pages"), {
      ttlSeconds: 60,
      staleSeconds: random.pick([0, 30]),
      clock: this.clock,
    });
    const asksAgain = random.chance(0.5);
    const middleware: Record<string, HonoMiddleware<Context>> = {
      session: sessionMiddleware<Data, Context>(this.all, { initial: () => ({ name: "nobody" }) }),
      cache: responseCache<Context>(pages, asksAgain ? { app: this.app } : {}),
      // As in many middlewares, later handlers see another request object.
      rewrite: async (c, next) => {
        (c.req as { raw: Request }).raw = new Request(c.req.raw, { headers: new Headers(c.req.raw.headers) });
        await next();
      },
    };
    const names = Object.keys(middleware).filter((name) => name !== "rewrite" || random.chance(0.3));
    const order = names.sort(() => random.next() - 0.5);
    for (const name of order) this.app.use(middleware[name] as HonoMiddleware<Context>);
    this.#source = random.pick(["nothing", "session", "session", "cookie", "authorization"]);
    // A handler that reads the headers itself and responds with "public" shares its response on purpose.
    const mayShare = this.#source === "nothing" || this.#source === "session";
    this.#cacheControl = random.pick(mayShare ? [...LIFETIMES, ...SHARED] : LIFETIMES);
    this.shape = `${order.join(" > ")} > ${this.#source}, Cache-Control: ${this.#cacheControl}`;
    this.app.get("/", (c) => {
      if (this.#cacheControl !== "") c.header("Cache-Control", this.#cacheControl);
      return c.json({ for: this.#identity(c) });
    });
    this.app.get("/login", async (c) => {
      c.get("session").login(c.req.query("name") as string);
      return c.text("in");
    });
  }

  #identity(c: Context<Env>): string | null {
    if (this.#source === "session") return c.get("session").userId ?? "nobody";
    if (this.#source === "cookie") return c.req.header("Cookie") ?? "none";
    if (this.#source === "authorization") return c.req.header("Authorization") ?? "none";
    return null;
  }

  ask(path: string, headers: Record<string, string>): Promise<Response> {
    const executionCtx = {
      waitUntil: (promise: Promise<unknown>) => void this.work.push(promise),
      passThroughOnException() {},
      props: {},
    };
    return this.app.request(path, { headers }, {}, executionCtx) as Promise<Response>;
  }

  /** The user whose name the handler would respond with. */
  identityOf(visitor: Visitor): string | null {
    if (this.#source === "session") return visitor.cookie === undefined ? "nobody" : visitor.name;
    if (this.#source === "cookie") return visitor.cookie ?? "none";
    if (this.#source === "authorization") return visitor.token ?? "none";
    return null;
  }
}

interface Visitor {
  readonly name: string;
  readonly cookie: string | undefined;
  readonly token: string | undefined;
}

async function visitorsOf(shaped: RandomApp): Promise<Visitor[]> {
  const visitors: Visitor[] = [
    { name: "nobody", cookie: undefined, token: undefined },
    { name: "token 1", cookie: undefined, token: "Bearer 1" },
    { name: "token 2", cookie: undefined, token: "Bearer 2" },
  ];
  for (const name of ["ada", "bob"]) {
    const { id } = await shaped.all.create({ name }, { userId: name });
    visitors.push({ name, cookie: `__Host-session=${id}`, token: undefined });
  }
  return visitors;
}

describe("a page that depended on its visitor is shown to nobody else", () => {
  test.each(Array.from({ length: 300 }, (_, seed) => seed))("seed %d", async (seed) => {
    const random = new Random(seed);
    const shaped = new RandomApp(random);
    const visitors = await visitorsOf(shaped);
    for (let asked = 0; asked < 12; asked++) {
      const visitor = random.pick(visitors);
      const response = await shaped.ask("/", {
        ...(visitor.cookie === undefined ? {} : { Cookie: visitor.cookie }),
        ...(visitor.token === undefined ? {} : { Authorization: visitor.token }),
      });
      const seen = ((await response.json()) as { for: string | null }).for;
      expect([shaped.shape, visitor.name, seen]).toEqual([
        shaped.shape,
        visitor.name,
        shaped.identityOf(visitor),
      ]);
      await Promise.all(shaped.work.splice(0));
      if (random.chance(0.2)) await shaped.clock.advance(random.below(70_000));
    }
    await shaped.database.close();
  });
});

test.each([
  ["session outside the cache", true],
  ["session inside the cache", false],
])("%s: a page that read the session is private, even if its handler says public", async (_, outside) => {
  const database = open(":memory:");
  const all = sessions<Data>(database.namespace("sessions"));
  const app = new Hono<Env>();
  const session = sessionMiddleware<Data, Context>(all);
  const pages = responseCache<Context>(cache(database.namespace("pages"), { ttlSeconds: 60 }));
  for (const each of outside ? [session, pages] : [pages, session]) app.use(each);
  app.get("/", (c) => {
    const headers = { "Cache-Control": "public, max-age=60", "CDN-Cache-Control": "max-age=60" };
    return c.text(`Hello ${c.get("session").userId}`, 200, headers);
  });
  const asking = async (name: string) => {
    const { id } = await all.create({ name }, { userId: name });
    return app.request("/", { headers: { Cookie: `__Host-session=${id}` } });
  };
  const first = await asking("ada");
  expect(await first.text()).toBe("Hello ada");
  expect(await (await asking("bob")).text()).toBe("Hello bob");
  expect(first.headers.get("Cache-Control")).toBe("private, max-age=60");
  expect(first.headers.has("CDN-Cache-Control")).toBe(false);
  await database.close();
});
