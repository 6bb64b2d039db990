import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kvasir, startKvasir } from "../../harness/command.js";
import type { KvasirProcess } from "../../harness/kvasir-process.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const CONFIG = JSON.stringify({ main: "worker.js", kv_namespaces: [{ binding: "KV", id: "kv" }] });

/**
 * Runs calls of `env.KV` given as JSON, one after the other, and responds with the time and their results.
 */
const WORKER = `export default { async fetch(request, { KV }) {
  const results = [];
  for (const [method, ...args] of await request.json()) {
    try { results.push((await KV[method](...args)) ?? null); } catch (error) { results.push(error.message); }
  }
  return Response.json({ nowMs: Date.now(), results });
} };`;

type Call = readonly [method: string, ...args: unknown[]];

async function dev(...flags: string[]): Promise<KvasirProcess> {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "worker.js"), WORKER);
  writeFileSync(join(cwd, "wrangler.json"), CONFIG);
  return await startKvasir(["dev", "--json", "--port", "0", "--api-port", "0", ...flags], { cwd });
}

async function calls({ functions = "" }: KvasirProcess, ...listed: Call[]) {
  const response = await fetch(functions, { method: "POST", body: JSON.stringify(listed) });
  return (await response.json()) as { nowMs: number; results: unknown[] };
}

async function clock({ api }: KvasirProcess, advance?: number): Promise<number> {
  const init = advance === undefined ? {} : { method: "POST", body: JSON.stringify({ advance }) };
  const answer = await fetch(`${api}/kvasir/clock`, init);
  return ((await answer.json()) as { nowMs: number }).nowMs;
}

test("dev --clock fake moves store and functions by POST /kvasir/clock alone", async () => {
  const running = await dev("--clock", "fake");
  const startMs = await clock(running);
  const written = await calls(running, ["put", "k", "v", { expirationTtl: 60 }], ["get", "k"]);
  expect(written).toEqual({ nowMs: startMs, results: [null, "v"] });
  expect(await clock(running, 3_600_000)).toBe(startMs + 3_600_000);
  expect(await calls(running, ["get", "k"])).toEqual({ nowMs: startMs + 3_600_000, results: [null] });
  for (const line of running.lines) JSON.parse(line);
});

test("dev --consistency edge keeps what was read, in Workers and for the API", async () => {
  const running = await dev("--consistency", "edge", "--seed", "3", "--clock", "fake");
  expect((await calls(running, ["get", "k"], ["put", "k", "v"], ["get", "k"])).results).toEqual([
    null,
    null,
    null,
  ]);
  expect((await fetch(`${running.api}/binding/kv/k`)).status).toBe(404);
  await clock(running, 60_000);
  expect((await calls(running, ["get", "k"])).results).toEqual(["v"]);
  expect(await (await fetch(`${running.api}/binding/kv/k`)).text()).toBe("v");
});

test("dev --consistency edge refuses the second write of a key within a second, in Workers KV's words", async () => {
  const running = await dev("--consistency", "edge", "--clock", "fake");
  expect((await calls(running, ["put", "k", "1"], ["put", "k", "2"], ["delete", "k"])).results).toEqual([
    null,
    "KV PUT failed: 429 Too Many Requests",
    "KV DELETE failed: 429 Too Many Requests",
  ]);
  const values = `${running.api}/client/v4/accounts/a/storage/kv/namespaces/kv/values`;
  expect((await fetch(`${values}/k`, { method: "PUT", body: "2" })).status).toBe(429);
  await clock(running, 1000);
  expect((await fetch(`${values}/k`, { method: "PUT", body: "2" })).status).toBe(200);
});

test("dev --consistency edge leaves reads with cacheTtl and what hosted services do not have as they are", async () => {
  const running = await dev("--consistency", "edge", "--clock", "fake");
  const cached = { cacheTtl: 120 };
  const { results } = await calls(
    running,
    ["put", "k", "v"],
    ["getWithMetadata", "k", cached],
    ["getWithMetadata", "k", cached],
    ["increment", "n"],
    ["increment", "n"],
    ["put", "k", "other", { ifAbsent: true }],
  );
  expect(results).toMatchObject([
    null,
    { value: "v", cacheStatus: "MISS" },
    { value: "v", cacheStatus: "HIT" },
    1,
    2,
    { ok: false },
  ]);
});

test("--seed without --consistency edge is a mistake, and said to be one", async () => {
  const { code, stderr } = await kvasir(["dev", "--seed", "3"]);
  expect(code).toBe(1);
  expect(stderr).toContain("--consistency edge");
});
