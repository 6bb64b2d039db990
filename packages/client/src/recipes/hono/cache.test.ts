import { FakeClock, open } from "@kvasir/store";
import { type Context, Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { cache } from "../cache/cache.js";
import { perBinding } from "../shared/per-binding.js";
import { responseCache } from "./cache.js";

interface Env {
  Bindings: { readonly CACHE: KVNamespace };
}

let database: ReturnType<typeof open>;
let clock: FakeClock;
let work: Promise<unknown>[];
beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  work = [];
});
afterEach(() => database.close());

const executionCtx = {
  waitUntil: (promise: Promise<unknown>) => void work.push(promise),
  passThroughOnException() {},
  props: {},
};

const pagesOf = perBinding((kv: KVNamespace) => cache(kv, { ttlSeconds: 60, staleSeconds: 30, clock }));
const ofContext = (c: Context<Env>) => pagesOf(c.env.CACHE);

function asking(app: Hono<Env>) {
  const env = { CACHE: database.namespace("cache") };
  return async (path = "/", init?: RequestInit) => {
    const response = await app.request(path, init, env, executionCtx);
    return { xCache: response.headers.get("X-Cache"), text: await response.text(), response };
  };
}

test("an answer is kept with its own headers, and those that come after it are not", async () => {
  let handled = 0;
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    await next();
    c.header("X-Request", String(handled));
  });
  app.use(responseCache(ofContext));
  app.get("/", (c) => c.text(`Hello ${++handled}`, 200, { "X-Own": "1" }));
  const ask = asking(app);
  expect(await ask()).toMatchObject({ xCache: "MISS", text: "Hello 1" });
  handled = 7;
  const { xCache, text, response } = await ask();
  expect([xCache, text]).toEqual(["HIT", "Hello 1"]);
  expect(response.headers.get("X-Own")).toBe("1");
  expect(response.headers.get("X-Request")).toBe("7");
  expect(response.headers.get("Age")).toBe("0");
});

test("what is stale is served when the app can be asked again, and only then", async () => {
  for (const again of [true, false]) {
    let handled = 0;
    const app = new Hono<Env>();
    const path = `/${again}`;
    app.get(path, responseCache(ofContext, again ? { app } : {}), (c) => c.text(`Hello ${++handled}`));
    const ask = asking(app);
    await ask(path);
    clock.advance(60_000);
    const answers = await Promise.all([ask(path), ask(path), ask(path)]);
    expect(answers.map(({ xCache }) => xCache)).toEqual(
      Array.from({ length: 3 }, () => (again ? "STALE" : "MISS")),
    );
    await Promise.all(work);
    expect(await ask(path)).toMatchObject({ xCache: "HIT", text: "Hello 2" });
    expect(handled).toBe(2);
  }
});

test("nothing is replaced early behind the back of a request whose handlers cannot run again", async () => {
  let handled = 0;
  const app = new Hono<Env>();
  const eager = cache(database.namespace("cache"), {
    ttlSeconds: 60,
    earlyRefresh: 1000,
    clock,
    random: () => 0.99,
  });
  app.get("/", responseCache(eager), (c) => {
    clock.advance(1_000);
    return c.text(`Hello ${++handled}`);
  });
  const ask = asking(app);
  await ask();
  expect(await ask()).toMatchObject({ xCache: "HIT", text: "Hello 1" });
  expect([work, handled]).toEqual([[], 1]);
});

test("errors and what is not found are not kept", async () => {
  let handled = 0;
  const app = new Hono<Env>();
  app.use(responseCache(ofContext));
  app.get("/", (c) => {
    if (++handled === 1) throw new Error("broken");
    return c.text("Hello");
  });
  app.onError((_, c) => c.text("sorry", 500));
  const ask = asking(app);
  expect((await ask()).response.status).toBe(500);
  expect(await ask()).toMatchObject({ xCache: "MISS", text: "Hello" });
  expect(await ask()).toMatchObject({ xCache: "HIT", text: "Hello" });
  expect((await ask("/none")).response.status).toBe(404);
});

test("cookies that a handler sets reach the one visitor they are for", async () => {
  const app = new Hono<Env>();
  app.use(responseCache(ofContext));
  app.get("/", (c) => {
    c.header("Set-Cookie", "a=1", { append: true });
    c.header("Set-Cookie", "b=2", { append: true });
    return c.text("Hello");
  });
  const ask = asking(app);
  for (let times = 0; times < 2; times++) {
    const { response } = await ask();
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  }
});

test("a key of the context, a tag, and a change through another method", async () => {
  let handled = 0;
  const app = new Hono<Env>();
  app.use(responseCache(ofContext, { key: (c) => c.req.path, tags: ["pages"] }));
  app.all("/", (c) => c.text(`Hello ${++handled}`));
  const ask = asking(app);
  await ask("/?one");
  expect((await ask("/?two")).text).toBe("Hello 1");
  await pagesOf(database.namespace("cache")).invalidateTag("pages");
  await ask("/", { method: "POST" });
  expect(await ask()).toMatchObject({ xCache: "MISS", text: "Hello 3" });
});
