import { FakeClock } from "@kvasir/store";
import { afterAll, beforeAll, expect } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { barePrograms } from "./bare-programs.js";
import { describeSeed } from "./seed-table.js";

const DAY_MS = 86_400_000;

describeSeed({ number: "002", system: "Invoke functions", programs: 7 }, ({ text, program }) => {
  const names = ["session", "limit", "cache", "flags", "preferences", "lock", "events"];
  const clock = new FakeClock(Date.now());
  let project: Project;
  let running: Running;

  // All run at once, each under its name, because none of them may see what another stores.
  beforeAll(async () => {
    const files = barePrograms(text).map(({ code }, at) => [`${names[at]}.js`, code]);
    project = new Project(Object.fromEntries(files));
    running = await runFunctions(
      files.map(([file]) => `${project.root}/${file}`),
      { clock },
    );
  });
  afterAll(async () => {
    await running.close();
    project.remove();
  });

  const ask = (path: string, init?: RequestInit) => fetch(running.functions.url + path, init);
  const json = async (path: string, init?: RequestInit) => {
    const response = await ask(path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const sent = (method: string, body: unknown): RequestInit => ({
    method,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });

  program("session management", async () => {
    const first = await ask("/session/");
    const [cookie = ""] = first.headers.getSetCookie();
    expect(cookie).toMatch(/^sessionId=[\da-f-]{36}; Path=\/; Max-Age=3600; Expires=[^;]+; HttpOnly$/);
    const { session } = (await first.json()) as { session: { id: string; createdAt: string } };
    expect(session).toMatchObject({ visits: 1, id: cookie.slice("sessionId=".length, cookie.indexOf(";")) });
    const again = { headers: { Cookie: cookie.split(";", 1)[0] as string } };
    const second = await json("/session/", again);
    expect(second.body).toMatchObject({
      success: true,
      session: { visits: 2, createdAt: session.createdAt },
    });
    clock.advance(3_600_000);
    expect((await json("/session/", again)).body).toMatchObject({ session: { id: session.id, visits: 1 } });
  });

  program("rate limiting", async () => {
    const first = await ask("/limit/");
    expect(first.headers.get("X-RateLimit-Limit")).toBe("100");
    expect(first.headers.get("X-RateLimit-Remaining")).toBe("99");
    expect(Date.parse(first.headers.get("X-RateLimit-Reset") as string)).toBeGreaterThan(Date.now());
    await first.body?.cancel();
    for (let at = 2; at <= 100; at++) expect((await ask("/limit/")).status).toBe(200);
    const refused = await json("/limit/");
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ error: "Rate limit exceeded", limit: 100 });
    expect(refused.body["retryAfter"]).toBeGreaterThan(0);
    expect((await ask("/limit/", { headers: { "X-Forwarded-For": "192.0.2.1" } })).status).toBe(200);
    clock.advance(60_000);
    expect((await ask("/limit/")).headers.get("X-RateLimit-Remaining")).toBe("99");
  });

  program("caching API responses", async () => {
    const first = (await json("/cache/a?q=1")).body;
    expect(first).toMatchObject({
      query: { q: "1" },
      fromCache: false,
      result: { message: "Generated data" },
    });
    expect((await json("/cache/a?q=1")).body).toEqual({ ...first, fromCache: true });
    await running.events.next("log", "Cache HIT: cache:/a:");
    clock.advance(300_000);
    expect((await json("/cache/a?q=1")).body).toMatchObject({ fromCache: false });
  });

  program("feature flags", async () => {
    const flags = { newUI: false, betaFeatures: false, maintenance: false };
    expect((await json("/flags/flags")).body).toEqual({ flags });
    expect((await json("/flags/flags/newUI")).body).toEqual({ name: "newUI", enabled: false });
    const updated = await json("/flags/flags", sent("POST", { newUI: true }));
    expect(updated.body).toEqual({ success: true, flags: { ...flags, newUI: true } });
    clock.advance(365 * DAY_MS);
    expect((await json("/flags/flags/newUI")).body).toEqual({ name: "newUI", enabled: true });
    expect(await json("/flags/other")).toEqual({ status: 404, body: { error: "Not found" } });
  });

  program("user preferences", async () => {
    const defaults = { theme: "light", language: "en", notifications: true, timezone: "UTC" };
    expect(await json("/preferences/")).toEqual({ status: 400, body: { error: "userId required" } });
    expect((await json("/preferences/?userId=u")).body).toEqual({ userId: "u", preferences: defaults });
    const dark = sent("POST", { userId: "u", theme: "dark" });
    expect((await json("/preferences/", dark)).body).toEqual({
      success: true,
      userId: "u",
      preferences: { theme: "dark" },
    });
    const put = await json("/preferences/?userId=u", sent("PUT", { language: "de" }));
    expect(put.body["preferences"]).toEqual({ theme: "dark", language: "de" });
    const deleted = await json("/preferences/?userId=u", { method: "DELETE" });
    expect(deleted.body).toEqual({ success: true, message: "Preferences reset" });
    expect((await json("/preferences/?userId=u")).body["preferences"]).toEqual(defaults);
    expect((await ask("/preferences/?userId=u", { method: "PATCH" })).status).toBe(405);
  });

  program("distributed lock", async () => {
    expect((await json("/lock/")).status).toBe(400);
    const work = () => json("/lock/", sent("POST", { resourceId: "r" }));
    const first = work();
    await running.events.next("log", "Lock acquired");
    const { id } = (await running.database.catalog.find("lock")) as { id: string };
    const held = await running.database.namespaceById(id).list();
    expect(held.keys).toEqual([{ name: "lock:r", expiration: Math.floor(clock.nowMs() / 1000) + 30 }]);
    expect(await work()).toMatchObject({ status: 409, body: { error: "Resource is locked" } });
    expect(await first).toMatchObject({ status: 200, body: { success: true, resource: { count: 1 } } });
    await running.events.next("log", "Lock released");
    expect(await running.database.namespaceById(id).get("lock:r")).toBeNull();
    // A lock that is not released is gone after its 30 seconds.
    const second = work();
    await running.events.next("log", "Lock acquired");
    clock.advance(30_000);
    expect(await running.database.namespaceById(id).get("lock:r")).toBeNull();
    expect(await second).toMatchObject({ status: 200, body: { resource: { count: 2 } } });
  });

  program("event log", async () => {
    expect((await json("/events/", sent("POST", {}))).body).toEqual({ error: "Event type required" });
    for (const type of ["one", "two", "three"]) {
      const { body } = await json("/events/", sent("POST", { type, data: { type } }));
      expect(body).toMatchObject({ success: true, event: { type, data: { type }, ip: "127.0.0.1" } });
    }
    const { body } = await json("/events/?action=list&limit=2");
    expect((body["events"] as { type: string }[]).map(({ type }) => type)).toEqual(["three", "two"]);
    expect(body["total"]).toBe(3);
    expect((await json("/events/?action=clear")).body).toEqual({ success: true, message: "Events cleared" });
    expect((await json("/events/?action=list")).body).toEqual({ events: [], total: 0 });
    expect((await json("/events/")).status).toBe(400);
  });
});
