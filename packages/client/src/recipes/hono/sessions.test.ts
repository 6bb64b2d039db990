import { FakeClock, open } from "@kvasir/store";
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countedBinding } from "../../../../../testing/harness/bindings.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { Session } from "../sessions/session.js";
import { sessions } from "../sessions/sessions.js";
import { perBinding } from "../shared/per-binding.js";
import { type SessionMiddlewareOptions, type SessionVariables, sessionMiddleware } from "./sessions.js";

interface Data {
  readonly visits: number;
}

interface Env {
  Bindings: { readonly SESSIONS: KVNamespace };
  Variables: SessionVariables<Data>;
}

let clock: FakeClock;
let database: ReturnType<typeof open>;
let calls: string[];
let kv: KVNamespace;

beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  calls = [];
  kv = countedBinding(database.namespace("sessions"), calls);
});
afterEach(() => database.close());

const sessionsOf = perBinding((binding: KVNamespace) => sessions<Data>(binding, { idleSeconds: 600, clock }));

function app(options: SessionMiddlewareOptions<Data> = {}): Hono<Env> {
  const app = new Hono<Env>();
  app.use(
    sessionMiddleware((c: Context<Env>) => sessionsOf(c.env.SESSIONS), {
      initial: () => ({ visits: 0 }),
      ...options,
    }),
  );
  const visit = (c: Context<Env>) => {
    c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
    c.get("session").update((data) => data);
    return c.json(c.get("session").data);
  };
  app.get("/visit", visit);
  app.get("/look", (c) => {
    const { data, userId, exists } = c.get("session");
    return c.json({ ...data, userId, exists });
  });
  app.get("/static", (c) => c.text("the same for all"));
  app.get("/cached", (c) => {
    c.header("Cache-Control", "public, max-age=60");
    c.header("Vary", "Accept");
    return visit(c);
  });
  app.get("/raw", (c) => {
    c.get("session").login("ada");
    return new Response("raw");
  });
  app.post("/login/:user", (c) => {
    c.get("session").login(c.req.param("user"));
    return c.json(c.get("session").data);
  });
  app.post("/rotate", (c) => {
    c.get("session").rotate();
    return c.body(null, 204);
  });
  app.post("/logout", (c) => {
    c.get("session").destroy();
    return c.body(null, 204);
  });
  app.get("/fails/:status", (c) => {
    c.get("session").update(({ visits }) => ({ visits: visits + 100 }));
    throw new HTTPException(Number(c.req.param("status")) as 401 | 500);
  });
  app.onError((error, c) => c.text(error.message, error instanceof HTTPException ? error.status : 500));
  return app;
}

/** A browser with cookies. It records the operations that each request sends to the namespace. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly #app: Hono<Env>;
  requests: string[] = [];

  constructor(on = app()) {
    this.#app = on;
  }

  async ask(path: string, method = "GET"): Promise<Response> {
    calls.length = 0;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers: Record<string, string> = cookie === "" ? {} : { Cookie: cookie };
    const response = await this.#app.request(path, { method, headers }, { SESSIONS: kv });
    this.requests = [...calls];
    for (const header of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (/Max-Age=0/.test(header)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  get id(): string {
    return this.cookies.get("__Host-session") ?? "";
  }
}

describe("the session of a Hono app", () => {
  test("begins with the first change, is read and written once a request, and its cookie is sent once", async () => {
    const browser = new Browser();
    const first = await browser.ask("/visit");
    expect(await first.json()).toEqual({ visits: 1 });
    expect(browser.requests).toEqual(["commit"]);
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-session=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    expect(first.headers.get("Cache-Control")).toBe("private");
    const second = await browser.ask("/visit");
    expect(await second.json()).toEqual({ visits: 2 });
    expect(browser.requests).toEqual(["list", "put"]);
    expect(second.headers.getSetCookie()).toEqual([]);
    expect(second.headers.get("Cache-Control")).toBe("private");
    expect(second.headers.get("Vary")).toBe("Cookie");
  });

  test("is not made for who only looks, and shows in no header where nobody looks", async () => {
    const browser = new Browser();
    const looked = await browser.ask("/look");
    expect(await looked.json()).toEqual({ visits: 0, exists: false });
    expect(browser.requests).toEqual([]);
    expect(looked.headers.getSetCookie()).toEqual([]);
    expect(looked.headers.get("Vary")).toBe("Cookie");
    const page = await browser.ask("/static");
    expect([page.headers.get("Vary"), page.headers.get("Cache-Control")]).toEqual([null, null]);
  });

  test("is stored as the handler saw it, also where a change alters what it gets", async () => {
    let initials = 0;
    const seen = app({ initial: () => ({ visits: 1000 * ++initials }) });
    seen.get("/alter", (c) => {
      c.get("session").update((data: { visits: number }) => {
        data.visits++;
        return data;
      });
      return c.json(c.get("session").data);
    });
    const browser = new Browser(seen);
    expect(await (await browser.ask("/alter")).json()).toEqual({ visits: 1001 });
    expect(await (await browser.ask("/alter")).json()).toEqual({ visits: 1002 });
    expect(await (await browser.ask("/look")).json()).toMatchObject({ visits: 1002 });
  });

  test("gives its cookie to no shared cache, whatever the handler says", async () => {
    const browser = new Browser();
    const first = await browser.ask("/cached");
    expect(first.headers.get("Cache-Control")).toBe("private, max-age=60");
    expect(first.headers.get("Vary")).toBe("Accept, Cookie");
    // A response that shows the session without the cookie is not cached either.
    expect((await browser.ask("/cached")).headers.get("Cache-Control")).toBe("private, max-age=60");
    expect((await new Browser().ask("/raw")).headers.getSetCookie()).toHaveLength(1);
  });

  test("gets another id at a login, with which the one before ends", async () => {
    const browser = new Browser();
    await browser.ask("/visit");
    const planted = browser.id;
    expect(await (await browser.ask("/login/ada", "POST")).json()).toEqual({ visits: 1 });
    expect(browser.requests).toEqual(["list", "commit"]);
    expect(browser.id).not.toBe(planted);
    expect(await sessionsOf(kv).get(planted)).toBeNull();
    expect(await (await browser.ask("/look")).json()).toEqual({ visits: 1, userId: "ada", exists: true });
    const before = browser.id;
    await browser.ask("/rotate", "POST");
    expect(browser.id).not.toBe(before);
    expect(await (await browser.ask("/look")).json()).toEqual({ visits: 1, userId: "ada", exists: true });
  });

  test("is not made by a rotation where there is none, nor by a login without a name", async () => {
    const browser = new Browser();
    expect((await browser.ask("/rotate", "POST")).headers.getSetCookie()).toEqual([]);
    expect(browser.requests).toEqual([]);
    const failing = app();
    failing.post("/nobody", (c) => {
      c.get("session").login({} as unknown as string);
      return c.text("never");
    });
    expect((await new Browser(failing).ask("/nobody", "POST")).status).toBe(500);
    expect(await kv.count()).toBe(0);
  });

  test("of one user leaves nothing to the next one who logs in", async () => {
    const browser = new Browser();
    await browser.ask("/login/ada", "POST");
    await browser.ask("/visit");
    const ofAda = browser.id;
    expect(await (await browser.ask("/login/bob", "POST")).json()).toEqual({ visits: 0 });
    expect(await (await browser.ask("/look")).json()).toEqual({ visits: 0, userId: "bob", exists: true });
    expect(await sessionsOf(kv).get(ofAda)).toBeNull();
  });

  test("ends at a logout: the cookie is taken away, and the id is no session's any more", async () => {
    const browser = new Browser();
    await browser.ask("/login/ada", "POST");
    const { id } = browser;
    const answer = await browser.ask("/logout", "POST");
    expect(answer.headers.getSetCookie()).toEqual([
      "__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
    ]);
    expect(browser.requests).toEqual(["list", "commit"]);
    browser.cookies.set("__Host-session", id);
    expect(await (await browser.ask("/look")).json()).toEqual({ visits: 0, exists: false });
  });

  test("that was revoked meanwhile stays so, and the browser's cookie stays as it is", async () => {
    const browser = new Browser();
    await browser.ask("/login/ada", "POST");
    const racing = app();
    racing.get("/revoked-meanwhile", async (c) => {
      c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
      await sessionsOf(kv).revokeAll("ada");
      return c.text("done");
    });
    const tab = new Browser(racing);
    tab.cookies.set("__Host-session", browser.id);
    const answer = await tab.ask("/revoked-meanwhile");
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await sessionsOf(kv).get(browser.id)).toBeNull();
    expect(await kv.count()).toBe(0);
  });

  test("ends with a logout, also where the handler fails after it", async () => {
    const failing = app();
    failing.get("/logout", (c) => {
      c.get("session").update(({ visits }) => ({ visits: visits + 100 }));
      c.get("session").destroy();
      throw new Error("broken");
    });
    failing.onError((_, c) => c.text("sorry", 500));
    const browser = new Browser(failing);
    await browser.ask("/visit");
    const { id } = browser;
    const answer = await browser.ask("/logout");
    expect(answer.status).toBe(500);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining("Max-Age=0")]);
    expect(await sessionsOf(kv).get(id)).toBeNull();
  });

  test("sends its cookie again when it was prolonged", async () => {
    const browser = new Browser();
    await browser.ask("/visit");
    const { id } = browser;
    await clock.advance(300_000);
    const answer = await browser.ask("/static");
    expect(browser.requests).toEqual(["list", "touch"]);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining(`=${id}; Path=/; Max-Age=600`)]);
    expect(answer.headers.get("Cache-Control")).toBe("private");
    await clock.advance(599_000);
    expect(await (await browser.ask("/look")).json()).toEqual({ visits: 1, exists: true });
  });

  test("keeps what a refused request changed, and nothing of one that failed", async () => {
    const browser = new Browser();
    await browser.ask("/visit");
    expect((await browser.ask("/fails/500")).status).toBe(500);
    expect(await (await browser.ask("/look")).json()).toMatchObject({ visits: 1 });
    expect((await browser.ask("/fails/401")).status).toBe(401);
    expect(await (await browser.ask("/look")).json()).toMatchObject({ visits: 101 });
  });

  test("loses no change of requests at the same moment", async () => {
    const browser = new Browser();
    await browser.ask("/visit");
    await Promise.all(Array.from({ length: 10 }, () => browser.ask("/visit")));
    const { data } = (await sessionsOf(kv).get(browser.id)) as Session<Data>;
    expect(data).toEqual({ visits: 11 });
  });

  test("changes where a WebSocket is opened, by an answer that is passed on untouched", async () => {
    // Only platforms that open sockets can create a Response with this status.
    const opening = Object.defineProperty(new Response(null), "status", { value: 101 });
    const socket = app();
    socket.get("/socket", (c) => {
      c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
      return opening;
    });
    const browser = new Browser(socket);
    await browser.ask("/visit");
    expect(await browser.ask("/socket")).toBe(opening);
    expect([...opening.headers]).toEqual([]);
    expect(await (await browser.ask("/look")).json()).toMatchObject({ visits: 2 });
  });

  test("asks nobody about a cookie that is no id", async () => {
    const browser = new Browser();
    browser.cookies.set("__Host-session", "x".repeat(2000));
    expect(await (await browser.ask("/look")).json()).toEqual({ visits: 0, exists: false });
    expect(browser.requests).toEqual([]);
  });

  test("has the cookie that is asked for, and refuses one that no browser takes", async () => {
    const cookie = {
      name: "sid",
      path: "/app",
      sameSite: "Strict",
      secure: false,
      persistent: false,
    } as const;
    const answer = await app({ cookie }).request("/visit", {}, { SESSIONS: kv });
    expect(answer.headers.get("Set-Cookie")).toMatch(
      /^sid=[\w-]{43}; Path=\/app; HttpOnly; SameSite=Strict$/,
    );
    for (const refused of [
      { name: "__Host-a", domain: "example.com" },
      { secure: false, partitioned: true },
    ]) {
      expect(() => app({ cookie: refused })).toThrow(expect.objectContaining({ code: "option_invalid" }));
    }
    const shared = await app({ cookie: { domain: "example.com" } }).request("/visit", {}, { SESSIONS: kv });
    expect(shared.headers.get("Set-Cookie")).toMatch(/^__Secure-session=.*Domain=example.com/);
  });
});

describe("a login may choose how long its session stays", () => {
  const remembering = () => {
    const remembered = app();
    remembered.post("/in/:user", (c) => {
      const options =
        c.req.query("remember") === "" ? { idleSeconds: 86_400, persistent: true } : { persistent: false };
      c.get("session").login(c.req.param("user"), options);
      return c.text("in");
    });
    return remembered;
  };

  test("longer than others, which the cookie says at each prolongation", async () => {
    const browser = new Browser(remembering());
    const answer = await browser.ask("/in/ada?remember", "POST");
    expect(answer.headers.get("Set-Cookie")).toContain("Max-Age=86400");
    await clock.advance(80_000_000);
    const later = await browser.ask("/visit");
    expect(later.headers.get("Set-Cookie")).toContain("Max-Age=86400");
    await clock.advance(86_300_000);
    expect(await (await browser.ask("/look")).json()).toMatchObject({ exists: true, userId: "ada" });
    await clock.advance(86_401_000);
    expect(await (await browser.ask("/look")).json()).toMatchObject({ exists: false });
  });

  test("or until the browser is closed, also after an id of its own", async () => {
    const browser = new Browser(remembering());
    const answer = await browser.ask("/in/ada", "POST");
    expect(answer.headers.get("Set-Cookie")).not.toContain("Max-Age");
    const rotated = await browser.ask("/rotate", "POST");
    expect(rotated.headers.getSetCookie()).toHaveLength(1);
    expect(rotated.headers.get("Set-Cookie")).not.toContain("Max-Age");
    await clock.advance(601_000);
    expect(await (await browser.ask("/look")).json()).toMatchObject({ exists: false });
  });

  test("only as an option can say", async () => {
    const all = sessionsOf(kv);
    for (const options of [{ idleSeconds: 59 }, { persistent: "yes" as never }, { idle: 1 } as object]) {
      await expect(all.create({ visits: 0 }, options)).rejects.toMatchObject({ code: "option_invalid" });
    }
  });
});

test("data that are read cannot be changed by assignment", async () => {
  const { data } = await sessionsOf(kv).create({ visits: 1 });
  // @ts-expect-error an assignment would be lost
  data.visits++;
});
