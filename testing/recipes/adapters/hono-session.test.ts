import { type SessionEnv, useSession, useSessionStorage } from "@hono/session";
import { honoSessionStorage } from "@kvasir/client/adapters/hono-session";
import { FakeClock, open } from "@kvasir/store";
import { Hono } from "hono";
import { expect, test } from "vitest";

interface Data extends Record<string, unknown> {
  readonly visits: number;
}

test("keeps the sessions of @hono/session, for as long as told", async () => {
  const clock = new FakeClock();
  const database = open(":memory:", { clock });
  const kv = database.namespace("sessions");
  const work: Promise<unknown>[] = [];
  const storage = honoSessionStorage<Data>(kv, {
    clock,
    ttlSeconds: 600,
    waitUntil: (promise) => void work.push(promise),
  });
  const app = new Hono<SessionEnv<Data>>();
  app.use(useSessionStorage(storage), useSession<Data>({ secret: "0".repeat(64) }));
  app.get("/", async (c) => {
    const session = c.get("session");
    const { visits = 0 } = (await session.get()) ?? {};
    await session.update(() => ({ visits: visits + 1 }));
    return c.json({ visits });
  });
  app.get("/out", async (c) => {
    c.get("session").delete();
    return c.text("out");
  });
  let cookie = "";
  const ask = async (path = "/") => {
    const response = await app.request(path, { headers: cookie === "" ? {} : { cookie } });
    cookie = response.headers.get("Set-Cookie")?.split(";")[0] ?? cookie;
    return response;
  };
  for (const visits of [0, 1, 2]) expect(await (await ask()).json()).toEqual({ visits });
  await Promise.all(work);
  expect((await kv.list()).keys).toHaveLength(1);
  const before = cookie;
  clock.advance(600_000);
  expect(await (await ask()).json()).toEqual({ visits: 0 });
  cookie = before;
  await ask("/out");
  await Promise.all(work);
  expect(await storage.get("none")).toBeNull();
  await database.close();
});

test("a write that fails is told, and harms nobody", async () => {
  const database = open(":memory:");
  const told: unknown[] = [];
  const kv = database.namespace("sessions");
  await database.close();
  const storage = honoSessionStorage<Data>(kv, { onError: (error) => told.push(error) });
  await storage.set("a", { visits: 1 });
  expect(told).toHaveLength(1);
});
