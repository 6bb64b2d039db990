import { FakeClock, open } from "@kvasir/store";
import { type Context, Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { rateLimit } from "../rate-limit/rate-limit.js";
import { perBinding } from "../shared/per-binding.js";
import { rateLimiter } from "./rate-limit.js";

interface Env {
  Bindings: { readonly LIMITS: KVNamespace };
}

let database: ReturnType<typeof open>;
beforeEach(() => {
  database = open(":memory:");
});
afterEach(() => database.close());

const clock = new FakeClock(1_700_000_040_000);
const limiterOf = perBinding((kv: KVNamespace) => rateLimit(kv, { limit: 2, windowSeconds: 60, clock }));
const keyOf = (c: Context<Env>) => c.req.header("X-User") ?? "nobody";

function ask(app: Hono<Env>, user = "ada", path = "/") {
  return app.request(path, { headers: { "X-User": user } }, { LIMITS: database.namespace("limits") });
}

test("requests within the limit pass, and say how much is left", async () => {
  const app = new Hono<Env>();
  const kv = database.namespace("limits");
  app.use(rateLimiter(rateLimit(kv, { limit: 2, windowSeconds: 60, clock }), { key: keyOf }));
  app.get("/", (c) => c.text("Hello"));
  app.get("/own", () => new Response("own"));
  app.get("/throws", () => {
    throw new Error("broken");
  });
  app.onError((_, c) => c.text("sorry", 500));

  const first = await ask(app);
  expect(await first.text()).toBe("Hello");
  expect(first.headers.get("RateLimit")).toBe('"default";r=1;t=61');
  expect((await ask(app, "bob", "/own")).headers.get("RateLimit")).toContain(";r=1;");
  expect((await ask(app, "bob", "/throws")).headers.get("RateLimit")).toContain(";r=0;");
});

test("requests over the limit get 429 with problem details, and never reach the handler", async () => {
  const app = new Hono<Env>();
  let handled = 0;
  app.use(rateLimiter((c: Context<Env>) => limiterOf(c.env.LIMITS), { key: keyOf, headers: "both" }));
  app.get("/", (c) => c.text(`Handled ${++handled}`));
  for (let times = 0; times < 2; times++) expect((await ask(app)).status).toBe(200);

  const refused = await ask(app);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
  expect(refused.headers.get("Retry-After")).toBe("61");
  expect(refused.headers.get("RateLimit")).toBe('"default";r=0;t=61');
  expect(refused.headers.get("RateLimit-Reset")).toBe("61");
  expect(await refused.json()).toEqual({
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Request cannot be satisfied as assigned quota has been exceeded",
    status: 429,
    detail: "At most 2 in 60 seconds. Try again in 61 seconds.",
    "violated-policies": ["default"],
  });
  expect(handled).toBe(2);
  expect((await ask(app, "bob")).status).toBe(200);
});

test("a cost and an answer of one's own", async () => {
  const app = new Hono<Env>();
  app.use(
    rateLimiter((c: Context<Env>) => rateLimit(c.env.LIMITS, { limit: 2, windowSeconds: 60, clock }), {
      key: keyOf,
      cost: (c) => (c.req.method === "POST" ? 2 : 1),
      onLimited: (c, { retryAfterSeconds }) => c.text(`Wait ${retryAfterSeconds} s`, 429),
    }),
  );
  app.all("/", (c) => c.text("Hello"));
  const env = { LIMITS: database.namespace("limits") };
  expect((await app.request("/", { method: "POST" }, env)).status).toBe(200);
  const refused = await app.request("/", {}, env);
  expect([refused.status, await refused.text(), refused.headers.get("Retry-After")]).toEqual([
    429,
    "Wait 61 s",
    "61",
  ]);
});
