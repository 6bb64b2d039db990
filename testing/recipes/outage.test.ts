import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type KVNamespace, KvError } from "@kvasir/client";
import {
  cache,
  eventLog,
  experiment,
  flags,
  lock,
  preferences,
  type RequestSession,
  rateLimit,
  type StoreOutage,
  sessions,
} from "@kvasir/client/recipes";
import {
  rateLimiter as expressLimiter,
  sessionMiddleware as expressSessions,
  type WithSession,
} from "@kvasir/client/recipes/express";
import { rateLimiter, responseCache, sessionMiddleware } from "@kvasir/client/recipes/hono";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KvasirProcess, serve } from "../harness/kvasir-process.js";
import { TOKEN } from "../harness/running-api.js";
import { ANSWER_MS_MAX, OUTAGE_TEST_MS_MAX, STORE_TIMEOUT_MS } from "./limits.js";

type Variables = { session: RequestSession<object> };
type Ask = (path: string) => Promise<Response>;

let server: KvasirProcess;
let url: string;
let kv: KVNamespace;
let cookie: string;
let closeExpress: () => void;
const directory = mkdtempSync(join(tmpdir(), "kvasir-outage-"));
const outages: StoreOutage[] = [];
const apps: Record<string, Ask> = {};

beforeAll(async () => {
  server = serve(directory);
  const running = await server.ready();
  url = running.url;
  const namespace = await running.createNamespace("recipes");
  kv = connect({ url, namespace, token: TOKEN });
  cookie = `session=${(await sessions(kv).create({})).id}`;
  await flags(kv).set("known", { rollout: 100 });
  await preferences(kv, { defaults: { theme: "light" } }).set("ada", { theme: "dark" });
  const hono = honoApp();
  apps["Hono"] = async (path) => hono.request(path, { headers: { Cookie: cookie } });
  apps["Express"] = await expressApp();
}, OUTAGE_TEST_MS_MAX);
afterAll(async () => {
  closeExpress();
  await server.kill();
  rmSync(directory, { recursive: true, force: true });
});

const common = { timeoutMs: STORE_TIMEOUT_MS, onOutage: (outage: StoreOutage) => outages.push(outage) };
const limit = { limit: 1_000, windowSeconds: 3_600, ...common };

function honoApp(): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  const pages = cache(kv, common);
  const known = flags(kv, common);
  const variants = experiment(kv, { name: "checkout", variants: { control: 1, blue: 1 }, ...common });
  const settings = preferences(kv, { defaults: { theme: "light" }, ...common });
  const locks = lock(kv, common);
  const log = eventLog<string>(kv, common);
  const noSecret = { cookie: { secure: false } };
  app.get("/cache", async (c) => c.json(await pages.getOrSetWithStatus("page", () => "computed")));
  app.get("/page", responseCache(pages), (c) => c.text("page"));
  app.get("/limited", rateLimiter(rateLimit(kv, limit), { key: () => "ada" }), (c) => c.text("passed"));
  app.get(
    "/closed",
    rateLimiter(rateLimit(kv, { ...limit, name: "closed", onStoreError: "closed" }), { key: () => "ada" }),
    (c) => c.text("passed"),
  );
  app.get("/flag", async (c) => c.json(await known.evaluate("known", "ada")));
  app.get("/experiment", async (c) => c.text(await variants.assign("ada")));
  app.get("/session", sessionMiddleware(sessions(kv, common), noSecret), (c) =>
    c.text(c.get("session").exists ? "known" : "visitor"),
  );
  app.get(
    "/anonymous",
    sessionMiddleware(sessions(kv, { ...common, onStoreError: "anonymous" }), noSecret),
    (c) => c.text(c.get("session").exists ? "known" : "visitor"),
  );
  app.get("/preferences", async (c) => c.json(await settings.get("ada")));
  app.get("/lock", async (c) => c.text(await locks.withLock(crypto.randomUUID(), () => "locked")));
  app.get("/log", async (c) => c.text((await log.append("event")).data));
  app.onError((error, c) => c.text(error instanceof KvError ? error.code : "unknown", 500));
  return app;
}

/** Chains middleware as Express does. */
async function expressApp(): Promise<Ask> {
  type Request = IncomingMessage & WithSession<object>;
  const limiter = expressLimiter<Request, ServerResponse>(rateLimit(kv, limit), { key: () => "ada" });
  const closed = expressLimiter<Request, ServerResponse>(
    rateLimit(kv, { ...limit, name: "closed", onStoreError: "closed" }),
    { key: () => "ada" },
  );
  const session = expressSessions<object, Request>(sessions(kv, common), { cookie: { secure: false } });
  const anonymous = expressSessions<object, Request>(sessions(kv, { ...common, onStoreError: "anonymous" }), {
    cookie: { secure: false },
  });
  const server = createServer((req: Request, res) => {
    const done = (body: () => string) => (error?: unknown) => {
      res.statusCode = error === undefined ? 200 : 500;
      res.end(error === undefined ? body() : String(error));
    };
    const visitor = () => (req.session?.exists ? "known" : "visitor");
    if (req.url === "/limited")
      void limiter(
        req,
        res,
        done(() => "passed"),
      );
    else if (req.url === "/closed")
      void closed(
        req,
        res,
        done(() => "passed"),
      );
    else if (req.url === "/session") void session(req, res, done(visitor));
    else void anonymous(req, res, done(visitor));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeExpress = () => server.close();
  const { port } = server.address() as AddressInfo;
  return (path) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } });
}

type Answer = readonly [status: number, body: unknown];
interface Expected {
  readonly there: Answer;
  readonly away: Answer;
}

const UNAVAILABLE: Answer = [503, expect.stringContaining("Service Unavailable")];
const variant = expect.stringMatching(/^(control|blue)$/);
const EXPECTED: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  Hono: {
    "/cache": {
      there: [200, expect.stringContaining('"source":"store"')],
      away: [200, '{"value":"computed","status":"miss","source":"default"}'],
    },
    "/page": { there: [200, "page"], away: [200, "page"] },
    "/limited": { there: [200, "passed"], away: [200, "passed"] },
    "/closed": { there: [200, "passed"], away: UNAVAILABLE },
    "/flag": {
      there: [
        200,
        expect.stringContaining(
          '"enabled":true,"variant":null,"reason":"rollout","rule":null,"source":"store"',
        ),
      ],
      away: [
        200,
        expect.stringContaining(
          '"enabled":true,"variant":null,"reason":"rollout","rule":null,"source":"memory"',
        ),
      ],
    },
    "/experiment": { there: [200, variant], away: [200, variant] },
    "/session": { there: [200, "known"], away: UNAVAILABLE },
    "/anonymous": { there: [200, "known"], away: [200, "visitor"] },
    "/preferences": {
      there: [200, expect.stringContaining('{"value":{"theme":"dark"}')],
      away: [200, '{"value":{"theme":"light"},"version":null,"source":"default"}'],
    },
    "/lock": { there: [200, "locked"], away: [500, "unavailable"] },
    "/log": { there: [200, "event"], away: [500, "unavailable"] },
  },
  Express: {
    "/limited": { there: [200, "passed"], away: [200, "passed"] },
    "/closed": { there: [200, "passed"], away: UNAVAILABLE },
    "/session": { there: [200, "known"], away: UNAVAILABLE },
    "/anonymous": { there: [200, "known"], away: [200, "visitor"] },
  },
};

/** Requests every page of an application once. */
async function answers(app: string, state: keyof Expected): Promise<void> {
  const found: Record<string, Answer> = {};
  for (const path of Object.keys(EXPECTED[app] ?? {})) {
    const beganMs = performance.now();
    const response = await (apps[app] as Ask)(path);
    found[path] = [response.status, await response.text()];
    expect(performance.now() - beganMs, path).toBeLessThan(ANSWER_MS_MAX);
    if (response.status === 503) expect(response.headers.get("Retry-After")).toBe("1");
  }
  const expected = Object.entries(EXPECTED[app] ?? {}).map(([path, each]) => [path, each[state]]);
  expect(found).toEqual(Object.fromEntries(expected));
}

/** The ways in which a store becomes unavailable, and how it comes back. */
const WAYS = {
  hung: {
    leave: async () => void process.kill(-server.pid, "SIGSTOP"),
    comeBack: async () => void process.kill(-server.pid, "SIGCONT"),
  },
  killed: {
    leave: () => server.kill(),
    comeBack: async () => {
      const { port } = new URL(url);
      server = serve(directory, ["--api-port", port]);
      await server.ready();
    },
  },
};

describe.each(Object.entries(WAYS))("while the store is %s", (_, { leave, comeBack }) => {
  test.each(["Hono", "Express"])(
    "an application of %s answers as onStoreError says, and recovers without a restart",
    async (app) => {
      await answers(app, "there");
      outages.length = 0;
      await leave();
      try {
        await answers(app, "away");
      } finally {
        await comeBack();
      }
      await answers(app, "there");
      const states = outages.map(({ recipe, state }) => `${recipe} ${state}`);
      expect(states.filter((one) => one === "flags away")).toHaveLength(app === "Hono" ? 1 : 0);
      expect(states.filter((one) => one === "flags back")).toHaveLength(app === "Hono" ? 1 : 0);
      expect(states.filter((one) => one === "rateLimit away")).toHaveLength(2);
    },
    OUTAGE_TEST_MS_MAX,
  );
});
