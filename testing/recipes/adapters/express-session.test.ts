import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { KVNamespace } from "@kvasir/client";
import { expressSessionStore } from "@kvasir/client/adapters/express-session";
import { FakeClock, open } from "@kvasir/store";
import express from "express";
import session from "express-session";
import { afterEach, beforeEach, expect, test } from "vitest";

declare module "express-session" {
  interface SessionData {
    visits?: number;
    user?: string;
  }
}

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let clock: FakeClock;
let server: Server | undefined;
beforeEach(() => {
  // Cookies of express-session end by the system's clock.
  clock = new FakeClock(Date.now());
  database = open(":memory:", { clock });
  kv = database.namespace("sessions");
});
afterEach(async () => {
  server?.close();
  await database.close();
});

const storeOf = (options = {}) => expressSessionStore(session.Store, kv, { clock, ...options });

/** An application as the documentation of express-session has it. */
async function start(cookie: session.CookieOptions = {}): Promise<(path: string) => Promise<Response>> {
  const app = express();
  const store = storeOf();
  app.use(session({ secret: "s", resave: false, saveUninitialized: false, cookie, store }));
  app.get("/", (req, res) => {
    req.session.visits = (req.session.visits ?? 0) + 1;
    res.json({ visits: req.session.visits, user: req.session.user });
  });
  app.get("/look", (req, res) => void res.json({ visits: req.session.visits ?? 0 }));
  app.get("/login", (req, res, next) => {
    req.session.regenerate((error: unknown) => {
      if (error) return next(error);
      req.session.user = "ada";
      res.end("in");
    });
  });
  app.get("/logout", (req, res) => req.session.destroy(() => res.end("out")));
  const listening = app.listen(0, "127.0.0.1");
  server = listening;
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  let sent: string | undefined;
  return async (path) => {
    const headers = sent === undefined ? {} : { cookie: sent };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    sent = response.headers.get("set-cookie")?.split(";")[0] ?? sent;
    return response;
  };
}

test("keeps the sessions of an application, under the hash of their ids", async () => {
  const ask = await start();
  expect(await (await ask("/")).json()).toEqual({ visits: 1 });
  expect(await (await ask("/")).json()).toEqual({ visits: 2 });
  const [first] = (await kv.list()).keys;
  expect(first?.name).toMatch(/^session:[0-9a-f]{64}$/);
  expect(await (await ask("/login")).text()).toBe("in");
  const after = (await kv.list()).keys;
  expect([after.length, after[0]?.name === first?.name]).toEqual([1, false]);
  expect(await (await ask("/")).json()).toEqual({ visits: 1, user: "ada" });
  await (await ask("/logout")).text();
  expect(await kv.count()).toBe(0);
  expect(await (await ask("/look")).json()).toEqual({ visits: 0 });
});

test("a session ends with its cookie, and is prolonged by each request", async () => {
  const ask = await start({ maxAge: 60_000 });
  await (await ask("/")).text();
  clock.advance(50_000);
  expect(await (await ask("/look")).json()).toEqual({ visits: 1 });
  clock.advance(100_000);
  expect(await (await ask("/look")).json()).toEqual({ visits: 0 });
});

// What the tests of express-session ask of a store: https://github.com/expressjs/session/blob/master/test/store.js
const called = <Result>(call: (done: (error?: unknown, result?: Result) => void) => void) =>
  new Promise<Result | undefined>((resolve, reject) => {
    call((error, result) => (error ? reject(error as Error) : resolve(result)));
  });

test("is a store of express-session: get, set, touch, destroy, all, length, clear", async () => {
  const store = storeOf();
  const data = { cookie: { expires: new Date(clock.nowMs() + 60_000), originalMaxAge: 60_000 }, visits: 1 };
  expect(await called((done) => store.get("none", done))).toBeUndefined();
  await called((done) => store.set("a", data, done));
  await called((done) => store.set("b", { ...data, visits: 2 }, done));
  const read = await called<session.SessionData>((done) => store.get("a", done));
  expect(read).toEqual(JSON.parse(JSON.stringify(data)));
  expect(await called((done) => store.length(done))).toBe(2);
  expect(await called<unknown[]>((done) => store.all(done))).toHaveLength(2);
  const later = {
    ...data,
    visits: 99,
    cookie: { ...data.cookie, expires: new Date(clock.nowMs() + 90_000) },
  };
  await called((done) => store.touch("a", later, done));
  clock.advance(61_000);
  // It was prolonged, and its data are those that were stored.
  expect(await called<session.SessionData>((done) => store.get("a", done))).toMatchObject({ visits: 1 });
  expect(await called((done) => store.get("b", done))).toBeUndefined();
  await called((done) => store.destroy("a", done));
  await called((done) => store.touch("a", later, done));
  expect(await called((done) => store.get("a", done))).toBeUndefined();
  await called((done) => store.set("c", later, done));
  await called((done) => store.clear(done));
  expect(await called((done) => store.length(done))).toBe(0);
});

test("refuses options that it does not have", () => {
  expect(() => storeOf({ ttlSecond: 1 })).toThrow(expect.objectContaining({ code: "option_invalid" }));
});
