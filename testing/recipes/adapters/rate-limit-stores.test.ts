import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { KVNamespace } from "@kvasir/client";
import { expressRateLimitStore } from "@kvasir/client/adapters/express-rate-limit";
import { honoRateLimitStore } from "@kvasir/client/adapters/hono-rate-limiter";
import { open } from "@kvasir/store";
import express from "express";
import { rateLimit } from "express-rate-limit";
import { Hono } from "hono";
import { rateLimiter } from "hono-rate-limiter";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let server: Server | undefined;
beforeEach(() => {
  database = open(":memory:");
  kv = database.namespace("limits");
});
afterEach(async () => {
  server?.close();
  await database.close();
});

type Ask = (user: string) => Promise<number>;
type Options = Parameters<typeof expressRateLimitStore>[1];
// Long enough that no window ends during a test.
const windowMs = 86_400_000 * 3_650;

const APPS: Record<string, (options?: Options) => Promise<Ask>> = {
  "express-rate-limit": async (options) => {
    const app = express();
    app.use(
      rateLimit({
        windowMs,
        limit: 2,
        store: expressRateLimitStore(kv, options),
        keyGenerator: (req) => String(req.headers["x-user"]),
      }),
    );
    app.get("/", (_req, res) => void res.end("passed"));
    const listening = app.listen(0, "127.0.0.1");
    server = listening;
    await once(listening, "listening");
    const { port } = listening.address() as AddressInfo;
    return async (user) => (await fetch(`http://127.0.0.1:${port}/`, { headers: { "x-user": user } })).status;
  },
  "hono-rate-limiter": async (options) => {
    const app = new Hono();
    const store = honoRateLimitStore(kv, options);
    app.use(rateLimiter({ windowMs, limit: 2, store, keyGenerator: (c) => c.req.header("x-user") ?? "" }));
    app.get("/", (c) => c.text("passed"));
    app.onError((error, c) => c.text("", (error as { status?: 503 }).status ?? 500));
    return async (user) => (await app.request("/", { headers: { "x-user": user } })).status;
  },
};

describe.each(Object.entries(APPS))("%s", (_, start) => {
  test("counts each client, in all processes together, exactly", async () => {
    const [ask, other] = [await start(), await start()];
    const statuses = await Promise.all([ask("ada"), other("ada"), ask("ada"), other("ada"), ask("bob")]);
    expect(statuses.slice(0, 4).filter((status) => status === 200)).toHaveLength(2);
    expect(statuses[4]).toBe(200);
  });

  test("asks nothing of the store for a client that is known to be over", async () => {
    const ask = await start();
    for (let times = 0; times < 3; times++) await ask("ada");
    const before = (await kv.get((await kv.list()).keys[0]?.name ?? "")) ?? "";
    expect([await ask("ada"), await ask("ada")]).toEqual([429, 429]);
    expect(await kv.get((await kv.list()).keys[0]?.name ?? "")).toBe(before);
  });

  test("while the store is away it passes, or refuses with 503", async () => {
    const open_ = await start();
    const closed = await start({ onStoreError: "closed" });
    await database.close();
    expect(await closed("ada")).toBe(503);
    if (_ === "express-rate-limit") return;
    expect(await open_("ada")).toBe(200);
  });
});

test("takes hits back, resets a client, and reads its hits", async () => {
  const store = expressRateLimitStore(kv);
  store.init({ windowMs, limit: 1, skipFailedRequests: true });
  expect(await store.get("ada")).toBeUndefined();
  expect((await store.increment("ada")).totalHits).toBe(1);
  expect((await store.increment("ada")).totalHits).toBe(2);
  await store.decrement("ada");
  expect((await store.get("ada"))?.totalHits).toBe(1);
  await store.resetKey("ada");
  expect((await store.increment("ada")).totalHits).toBe(1);
});
