import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startKvasir } from "../harness/command.js";
import type { KvasirProcess } from "../harness/kvasir-process.js";
import { PYTHON } from "../harness/languages.js";
import { allOf, describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { descendantsOf } from "./machinery/descendants.js";

// What `serve` has printed and been configured with holds until it ends, whichever of its processes is
// killed.

const LINUX = { name: "Linux", met: process.platform === "linux" };
const ADMIN = { KVASIR_TOKEN: "the-admin-secret" };
const HEADERS = { authorization: "Bearer the-admin-secret", connection: "close" };
const WORKERS = 3;

const isWorker = (command: string) => command.includes("kvasir.js");
const isWorkerd = (command: string) => command.includes("workerd");
const isPython = (command: string) => command.includes("kvasir.runner");

describeWith(allOf(LINUX, PYTHON), "serve --workers 3 --port 0 --api-port 0", () => {
  let server: KvasirProcess;
  let entry: string;

  async function started(): Promise<void> {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, "js.js"), 'export default { fetch: () => new Response("js") };');
    writeFileSync(join(cwd, "py.py"), 'async def handler(request):\n    return "py"\n');
    const args = ["serve", "js.js", "py.py", "--workers", String(WORKERS), "--port", "0", "--api-port", "0"];
    server = await startKvasir(args, { cwd, env: ADMIN });
  }

  const pidsOf = (wanted: (command: string) => boolean) =>
    descendantsOf(server.pid).flatMap(({ pid, command }) => (wanted(command) ? [pid] : []));

  const read = async (url: string, headers: Record<string, string> = { connection: "close" }) => {
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) });
      return response.ok ? await response.text() : response.status;
    } catch {
      return "no response";
    }
  };

  /** Everything responds at its first address, with the same data and token. */
  async function isBack(): Promise<void> {
    const { functions, api } = server;
    await expect.poll(() => read(`${functions}/js/`)).toBe("js");
    await expect.poll(() => read(`${functions}/py/`)).toBe("py");
    await expect.poll(() => read(api + entry, HEADERS)).toBe("v");
    await expect.poll(() => pidsOf(isWorker).length).toBe(WORKERS);
    await expect.poll(() => pidsOf(isWorkerd).length).toBe(2 * WORKERS);
    await expect.poll(() => pidsOf(isPython).length).toBe(WORKERS);
  }

  it("keeps its ports, token, data and number of processes through kill -9 of any of them", async () => {
    await started();
    const namespaces = `${server.api}/client/v4/accounts/0/storage/kv/namespaces`;
    const created = await fetch(namespaces, { method: "POST", headers: HEADERS, body: '{"title":"kept"}' });
    const { result } = (await created.json()) as { result: { id: string } };
    entry = `/binding/${result.id}/k`;
    await fetch(server.api + entry, { method: "PUT", headers: HEADERS, body: "v" });
    await isBack();
    for (const victims of [isWorker, isWorkerd, isPython]) {
      const [first] = pidsOf(victims);
      process.kill(first as number, "SIGKILL");
      await expect.poll(() => pidsOf(victims)).not.toContain(first);
      await isBack();
    }
    for (const pid of pidsOf(isWorker)) process.kill(pid, "SIGKILL");
    await isBack();
    expect(await server.stop()).toBe(0);
  }, 60_000);

  it("goes on without functions when a config appears later, and keeps its data directory", async () => {
    const cwd = temporaryDirectory();
    const below = join(cwd, "below");
    mkdirSync(below);
    server = await startKvasir(["serve", "--workers", "2", "--api-port", "0"], { cwd: below, env: ADMIN });
    const create = () =>
      fetch(`${server.api}/client/v4/accounts/0/storage/kv/namespaces`, {
        method: "POST",
        headers: HEADERS,
        body: '{"title":"kept"}',
      });
    expect((await create()).status).toBe(200);
    writeFileSync(join(cwd, "wrangler.json"), '{"name":"later","main":"later.js"}');
    for (const pid of pidsOf(isWorker)) process.kill(pid, "SIGKILL");
    await expect.poll(() => read(`${server.api}/healthz`)).toContain("ok");
    // The title is taken, so it is the same data.
    expect((await create()).status).toBe(400);
    expect(server.errors.filter((line) => line.includes("later"))).toEqual([]);
    expect(await server.stop()).toBe(0);
  });
});
