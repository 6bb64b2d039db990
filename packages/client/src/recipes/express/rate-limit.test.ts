import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rateLimit } from "../rate-limit/rate-limit.js";
import { type RateLimiterOptions, rateLimiter } from "./rate-limit.js";

const clock = new FakeClock(1_700_000_040_000);
const closing: (() => void)[] = [];
let database: ReturnType<typeof open>;
beforeEach(() => {
  database = open(":memory:");
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await database.close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closing.push(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function limited(options: Partial<RateLimiterOptions<IncomingMessage, ServerResponse>> = {}) {
  const limiter = rateLimit(database.namespace("limits"), { limit: 1, windowSeconds: 60, clock });
  const middleware = rateLimiter<IncomingMessage, ServerResponse>(limiter, {
    key: (req) => String(req.headers["x-user"] ?? ""),
    ...options,
  });
  return listen((req, res) => {
    void middleware(req, res, (error) => res.end(error === undefined ? "Hello" : String(error)));
  });
}

const ask = (url: string, user = "ada") => fetch(url, { headers: { "X-User": user } });

test("requests within the limit pass, others get 429 with problem details", async () => {
  const url = await limited();
  const first = await ask(url);
  expect([first.status, first.headers.get("RateLimit"), await first.text()]).toEqual([
    200,
    '"default";r=0;t=61',
    "Hello",
  ]);
  const refused = await ask(url);
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "61"]);
  expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
  expect(await refused.json()).toMatchObject({ status: 429, "violated-policies": ["default"] });
  expect((await ask(url, "bob")).status).toBe(200);
});

test("an answer of one's own", async () => {
  const url = await limited({ onLimited: (_, res) => res.end("Wait") });
  await ask(url);
  const refused = await ask(url);
  expect([refused.status, await refused.text()]).toEqual([429, "Wait"]);
});

test("what goes wrong goes to the next error handler", async () => {
  const answer = await ask(await limited({ cost: 0 }));
  expect(await answer.text()).toContain("Invalid cost");
});
