import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startKvasir, temporaryFolder } from "./kvasir.js";

const WORKER = `export default { async fetch(request, { KV }) {
  if (request.method === "PUT") await KV.put("k", "v", { expirationTtl: 60 });
  return Response.json({ nowMs: Date.now(), value: await KV.get("k") });
} };`;

test("dev --clock fake moves store and functions by POST /kvasir/clock alone", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "worker.js"), WORKER);
  writeFileSync(
    join(cwd, "wrangler.json"),
    JSON.stringify({ main: "worker.js", kv_namespaces: [{ binding: "KV", id: "kv" }] }),
  );
  const dev = await startKvasir(["dev", "--clock", "fake", "--json", "--port", "0", "--api-port", "0"], {
    cwd,
  });
  const ask = async (method = "GET") =>
    (await fetch(dev.functions ?? "", { method })).json() as Promise<{ nowMs: number; value: unknown }>;
  const clock = async (init?: RequestInit) =>
    ((await (await fetch(`${dev.api}/kvasir/clock`, init)).json()) as { nowMs: number }).nowMs;
  const startMs = await clock();
  expect(await ask("PUT")).toEqual({ nowMs: startMs, value: "v" });
  const advanced = await clock({ method: "POST", body: '{"advance":3600000}' });
  expect(advanced).toBe(startMs + 3_600_000);
  expect(await ask()).toEqual({ nowMs: advanced, value: null });
  for (const line of dev.lines) JSON.parse(line);
});
