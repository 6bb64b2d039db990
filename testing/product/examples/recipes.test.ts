import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { startKvasir } from "../../harness/command.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/** Starts every example as its README says, and calls it. */

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function example(name: string): Promise<Ask> {
  const ports = ["--port", "0", "--api-port", "0", "--data", temporaryDirectory(), "--json"];
  const { functions } = await startKvasir(["dev", join("examples", name), ...ports], { cwd: ROOT });
  return (path, init) => fetch(functions + path, init);
}

const json = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" },
});
const body = async (response: Promise<Response>): Promise<Record<string, unknown>> =>
  (await (await response).json()) as Record<string, unknown>;

const CALLS: Readonly<Record<string, (ask: Ask) => Promise<void>>> = {
  async hello(ask) {
    expect(await (await ask("/")).text()).toMatch(/^Visit number 1\n$/);
  },

  async showcase(ask) {
    expect((await ask("/")).status).toBe(200);
  },

  async session(ask) {
    const first = await ask("/");
    const [cookie = ""] = first.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-session=[\w-]{43}; .*HttpOnly; Secure; SameSite=Lax$/);
    const headers = { Cookie: cookie.split(";", 1)[0] as string };
    await Promise.all(Array.from({ length: 8 }, () => ask("/", { headers })));
    expect(await body(ask("/", { headers }))).toMatchObject({ visits: 10 });
    expect(await body(ask("/"))).toMatchObject({ visits: 1 });
    expect((await ask("/", { method: "DELETE", headers })).status).toBe(204);
    expect(await body(ask("/", { headers }))).toMatchObject({ visits: 1 });
  },

  async cache(ask) {
    const first = await ask("/sales");
    const second = await ask("/sales");
    expect([first, second].map(({ headers }) => headers.get("X-Cache"))).toEqual(["MISS", "HIT"]);
    expect(await second.text()).toBe(await first.text());
    expect((await ask("/other")).headers.get("X-Cache")).toBe("MISS");
  },

  async flags(ask) {
    expect(await body(ask("/flags"))).toEqual({ newCheckout: false, darkMode: true });
    expect((await ask("/flags/newCheckout", json("PUT", { enabled: "yes" }))).status).toBe(400);
    await ask("/flags/newCheckout", json("PUT", { enabled: true }));
    await ask("/flags/darkMode", json("PUT", { enabled: false }));
    expect(await body(ask("/flags"))).toEqual({ newCheckout: true, darkMode: false });
    expect(await body(ask("/flags/newCheckout"))).toEqual({ name: "newCheckout", enabled: true });
    expect((await ask("/flags/none")).status).toBe(404);
    expect(await (await ask("/none")).text()).toBe("Cannot GET /none");
  },

  async "rate-limit"(ask) {
    // All at once, by one client.
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await ask("/")).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses).toContain(429);
    const refused = await ask("/");
    expect(refused.headers.get("RateLimit")).toMatch(/^"default";r=0;t=\d+$/);
    expect((await ask("/", { headers: { "X-Forwarded-For": "192.0.2.1" } })).status).toBe(200);
  },

  async preferences(ask) {
    const defaults = { theme: "light", language: "en", notifications: true };
    expect(await body(ask("/ada"))).toEqual(defaults);
    expect(await body(ask("/ada", json("PATCH", { theme: "dark" })))).toEqual({ ...defaults, theme: "dark" });
    expect(await body(ask("/bob"))).toEqual(defaults);
    await Promise.all(
      [{ language: "de" }, { notifications: false }].map((one) => ask("/ada", json("PATCH", one))),
    );
    expect(await body(ask("/ada"))).toEqual({ theme: "dark", language: "de", notifications: false });
    expect((await ask("/ada", json("PATCH", { size: 1 }))).status).toBe(400);
    expect(await body(ask("/ada", { method: "DELETE" }))).toEqual(defaults);
    expect((await ask("/ada", { method: "PUT" })).status).toBe(405);
    expect((await ask("/")).status).toBe(400);
  },

  async lock(ask) {
    const both = await Promise.all([1, 2, 3].map(() => ask("/a", { method: "POST" })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await ask("/a", { method: "POST" })).status).toBe(200);
    expect((await ask("/a")).status).toBe(405);
  },

  async "event-log"(ask) {
    const types = Array.from({ length: 30 }, (_, at) => `type ${at}`);
    await Promise.all(types.map((type) => ask("/", { method: "POST", body: JSON.stringify({ type }) })));
    const first = (await body(ask("/?limit=20"))) as { events: { type: string }[]; cursor: string };
    const rest = (await body(ask(`/?limit=20&cursor=${encodeURIComponent(first.cursor)}`))) as typeof first;
    const seen = [...first.events, ...rest.events].map(({ type }) => type);
    expect(seen.sort()).toEqual(types.sort());
    await ask("/", { method: "POST", body: '{"type":"last"}' });
    expect(await body(ask("/?limit=1"))).toMatchObject({ events: [{ type: "last" }] });
    expect((await ask("/", { method: "POST", body: "{}" })).status).toBe(400);
    expect(await body(ask("/", { method: "DELETE" }))).toEqual({ deleted: 31 });
  },
};

const scripts = readdirSync(join(ROOT, "examples"), { recursive: true })
  .map(String)
  .filter((file) => /^[\w-]+\/(src\/)?[\w-]+\.[jt]s$/.test(file));

describe("examples", () => {
  test("are all called here, those that are JavaScript", () => {
    expect(Object.keys(CALLS).sort()).toEqual([...new Set(scripts.map((file) => file.split("/")[0]))].sort());
  });

  for (const [name, call] of Object.entries(CALLS)) {
    test(`examples/${name}`, async () => call(await example(name)));
  }
});
