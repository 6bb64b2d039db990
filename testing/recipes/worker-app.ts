import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NODE_MODULES } from "../harness/checkout.js";
import { startKvasir } from "../harness/command.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

/** The operations that a Worker has requested from its namespaces since the test began, by name. */
export type OperationCounts = Readonly<Record<string, number>>;

export interface WorkerApp {
  /** The URL of the Worker. */
  readonly url: string;
  readonly api: string;
  operations(): Promise<OperationCounts>;
  /** Advances the clock that the store and the Worker share. */
  advance(ms: number): Promise<void>;
}

/**
 * A Worker in workerd, with Hono installed and `env.KV` (its id `kv`). Its clock moves only when the test
 * moves it.
 */
export async function startWorkerApp(source: string): Promise<WorkerApp> {
  const folder = temporaryDirectory();
  mkdirSync(folder, { recursive: true });
  symlinkSync(NODE_MODULES, join(folder, "node_modules"));
  writeFileSync(join(folder, "worker.js"), source);
  const namespaces = [{ binding: "KV", id: "kv" }];
  const config = { name: "app", main: "worker.js", kv_namespaces: namespaces };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
  const ports = ["--port", "0", "--api-port", "0"];
  const { api, functions = "" } = await startKvasir(["dev", ...ports, "--json", "--clock", "fake"], {
    cwd: folder,
  });
  return {
    url: functions,
    api,
    async operations() {
      const text = await (await fetch(`${api}/metrics`)).text();
      const counts: Record<string, number> = {};
      const lines =
        /^kvasir_http_requests_total\{dialect="functions",operation="functions([^"]+)",[^}]*\} (\d+)$/gm;
      for (const [, operation = "", count] of text.matchAll(lines)) {
        counts[operation] = (counts[operation] ?? 0) + Number(count);
      }
      return counts;
    },
    async advance(ms) {
      await fetch(`${api}/kvasir/clock`, { method: "POST", body: JSON.stringify({ advance: ms }) });
    },
  };
}

/** The operations that `work` requested, without those that it did not use. */
export async function operationsOf(app: WorkerApp, work: () => Promise<unknown>): Promise<OperationCounts> {
  const before = await app.operations();
  await work();
  const after = Object.entries(await app.operations());
  return Object.fromEntries(
    after
      .map(([operation, count]) => [operation, count - (before[operation] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}
