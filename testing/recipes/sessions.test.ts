import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { connect, type KVNamespace } from "@kvasir/client";
import { type Session, sessions } from "@kvasir/client/recipes";
import { describe, expect, test } from "vitest";
import { operationsOf, startWorkerApp, type WorkerApp } from "./worker-app.js";

/**
 * Sessions in a Worker with Hono, over real HTTP with real cookies, and from programs that share its
 * namespace.
 */

const IDLE_MS = 3_600_000;

const WORKER = `
import { Hono } from "hono";
import { perBinding, sessions } from "@kvasir/client/recipes";
import { sessionMiddleware } from "@kvasir/client/recipes/hono";

let made = 0;
const sessionsOf = perBinding((kv) => {
  made++;
  return sessions(kv, { idleSeconds: ${IDLE_MS / 1000} });
});

const app = new Hono();
app.use(sessionMiddleware((c) => sessionsOf(c.env.KV), { initial: () => ({ visits: 0 }) }));
app.get("/", (c) => {
  const { data, userId, exists } = c.get("session");
  return c.json({ ...data, userId, exists });
});
app.post("/visit", (c) => {
  c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
  return c.json(c.get("session").data);
});
app.post("/login/:user", (c) => {
  c.get("session").login(c.req.param("user"));
  return c.body(null, 204);
});
app.post("/logout", (c) => {
  c.get("session").destroy();
  return c.body(null, 204);
});
app.post("/logout-everywhere", async (c) => {
  await sessionsOf(c.env.KV).revokeAll(c.get("session").userId);
  return c.body(null, 204);
});
app.get("/socket", (c) => {
  c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.close(1000, "done");
  return new Response(null, { status: 101, webSocket: client });
});
app.get("/made", (c) => c.json({ made, guarantee: sessionsOf(c.env.KV).guarantee }));
export default app;
`;

/** A browser, reduced to its cookies. */
class Browser {
  readonly #app: WorkerApp;
  cookie: string | undefined;

  constructor(app: WorkerApp, cookie?: string) {
    this.#app = app;
    this.cookie = cookie;
  }

  async ask(path: string, method = "GET"): Promise<Response> {
    const headers: Record<string, string> = this.cookie === undefined ? {} : { Cookie: this.cookie };
    const response = await fetch(this.#app.url + path, { method, headers });
    for (const header of response.headers.getSetCookie()) {
      const [pair] = header.split(";", 1);
      this.cookie = /Max-Age=0/.test(header) ? undefined : pair;
    }
    return response;
  }

  async looks(): Promise<unknown> {
    return (await this.ask("/")).json();
  }
}

const kvOf = (app: WorkerApp): KVNamespace => connect({ url: app.api, namespace: "kv" });

describe("sessions in a Worker", () => {
  test("begin at a login, and a revoked one is refused by the very next read", async () => {
    const app = await startWorkerApp(WORKER);
    const [phone, laptop] = [new Browser(app), new Browser(app)];
    expect(await phone.looks()).toEqual({ visits: 0, exists: false });
    const login = await phone.ask("/login/ada", "POST");
    expect(login.headers.get("Set-Cookie")).toMatch(
      /^__Host-session=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax$/,
    );
    await laptop.ask("/login/ada", "POST");
    expect(await laptop.looks()).toEqual({ visits: 0, userId: "ada", exists: true });

    // Visits continue meanwhile. A visit that begins after the response to the revocation must not find a
    // session.
    const revoked = phone.ask("/logout-everywhere", "POST");
    const during = Array.from({ length: 20 }, () => new Browser(app, laptop.cookie).ask("/visit", "POST"));
    expect((await revoked).status).toBe(204);
    for (const browser of [phone, laptop]) {
      expect(await new Browser(app, browser.cookie).looks()).toEqual({ visits: 0, exists: false });
    }
    await Promise.all(during);
    // A visit that no longer found its session began a new one. The revoked session did not come back.
    expect(await new Browser(app, laptop.cookie).looks()).toEqual({ visits: 0, exists: false });
    expect(await sessions(kvOf(app)).list("ada")).toEqual([]);
  });

  test("lose no visit of many at the same moment, in the Worker and beside it", async () => {
    const app = await startWorkerApp(WORKER);
    const browser = new Browser(app);
    await browser.ask("/visit", "POST");
    const [, id = ""] = browser.cookie?.split("=") ?? [];
    const programs = [1, 2, 3, 4].map(() => sessions<{ visits: number }>(kvOf(app)));
    await Promise.all([
      ...Array.from({ length: 20 }, () => new Browser(app, browser.cookie).ask("/visit", "POST")),
      ...programs.flatMap((program) =>
        Array.from({ length: 5 }, () => program.update(id, ({ visits }) => ({ visits: visits + 1 }))),
      ),
    ]);
    expect(await browser.looks()).toEqual({ visits: 41, exists: true });
  });

  test("slide by a touch, and cost one operation for most reads", async () => {
    const app = await startWorkerApp(WORKER);
    const browser = new Browser(app);
    await browser.ask("/visit", "POST");
    const entry = async () => (await kvOf(app).list({ prefix: "session:id:", values: true })).keys[0];
    const before = await entry();
    expect(await operationsOf(app, () => browser.looks())).toEqual({ List: 1 });

    await app.advance(IDLE_MS / 2);
    let renewed: Response | undefined;
    const operations = await operationsOf(app, async () => {
      renewed = await browser.ask("/");
    });
    expect(operations).toEqual({ List: 1, Touch: 1 });
    expect(renewed?.headers.get("Set-Cookie")).toContain("Max-Age=3600");
    const after = await entry();
    expect(after?.value).toBe(before?.value);
    expect((after?.expiration ?? 0) - (before?.expiration ?? 0)).toBe(IDLE_MS / 2000);

    await app.advance(IDLE_MS - 1000);
    expect(await browser.looks()).toMatchObject({ visits: 1, exists: true });
    await app.advance(IDLE_MS);
    expect(await browser.looks()).toEqual({ visits: 0, exists: false });
  });

  test("have one recipe for all requests, with the guarantees of the binding", async () => {
    const app = await startWorkerApp(WORKER);
    for (let requests = 0; requests < 5; requests++) await new Browser(app).looks();
    expect(await (await fetch(`${app.url}/made`)).json()).toEqual({ made: 1, guarantee: "atomic" });
  });

  test("change where a WebSocket is opened, which is opened all the same", async () => {
    const app = await startWorkerApp(WORKER);
    const browser = new Browser(app);
    await browser.ask("/visit", "POST");
    const headers = {
      Cookie: browser.cookie,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Version": "13",
    };
    const request = get(`${app.url}/socket`, { headers });
    const [answer, socket] = (await once(request, "upgrade")) as [IncomingMessage, Socket];
    socket.destroy();
    expect(answer.statusCode).toBe(101);
    expect(await browser.looks()).toEqual({ visits: 2, exists: true });
  });

  test("end at a logout, and the cookie goes with them", async () => {
    const app = await startWorkerApp(WORKER);
    const browser = new Browser(app);
    await browser.ask("/login/ada", "POST");
    const { cookie } = browser;
    await browser.ask("/logout", "POST");
    expect(browser.cookie).toBeUndefined();
    expect(await new Browser(app, cookie).looks()).toEqual({ visits: 0, exists: false });
    expect(await kvOf(app).count()).toBe(0);
  });
});

const FUNCTION = `
import { sessions } from "@kvasir/client/recipes";
import { sessionMiddleware } from "@kvasir/client/recipes/express";

const router = new Router();
router.use(sessionMiddleware(sessions(env.KV), { initial: () => ({ visits: 0 }) }));
router.get("/", (req, res) => {
  req.session.update(({ visits }) => ({ visits: visits + 1 }));
  res.status(201).json(req.session.data);
});
router.get("/public", (req, res) => {
  const { visits } = req.session.data;
  res.set("Cache-Control", "public, max-age=60").send(String(visits));
});
router.get("/unstorable", (req, res) => {
  req.session.update(() => undefined);
  res.status(201).json("done");
});
export default router;
`;

test("an Express-style function answers once its session's changes are made, and with 500 when they cannot be", async () => {
  const app = await startWorkerApp(FUNCTION);
  const browser = new Browser(app);
  for (const visits of [1, 2]) {
    const answer = await browser.ask("/");
    expect([answer.status, await answer.json()]).toEqual([201, { visits }]);
  }
  expect((await browser.ask("/public")).headers.get("Cache-Control")).toBe("private, max-age=60");
  expect((await browser.ask("/unstorable")).status).toBe(500);
  expect(await (await browser.ask("/")).json()).toEqual({ visits: 3 });
});

test("no one of many programs keeps a session that another one revokes while they rotate and change it", async () => {
  const app = await startWorkerApp(WORKER);
  const programs = [1, 2, 3, 4].map(() => sessions<{ visits: number }>(kvOf(app)));
  const [revoking, ...busy] = programs as [(typeof programs)[0], ...typeof programs];
  for (let round = 0; round < 10; round++) {
    const started = await revoking.create({ visits: 0 }, { userId: "ada" });
    const last = busy.map(async (program) => {
      let current: Session<{ visits: number }> | null = started;
      for (let step = 0; current !== null && step < 10; step++) {
        current = await program.rotate(current, { change: ({ visits }) => ({ visits: visits + 1 }) });
      }
      return current;
    });
    await revoking.revokeAll("ada");
    for (const session of await Promise.all(last)) {
      if (session !== null) expect(await revoking.get(session.id)).toBeNull();
    }
    expect(await kvOf(app).list()).toMatchObject({ keys: [] });
  }
});
