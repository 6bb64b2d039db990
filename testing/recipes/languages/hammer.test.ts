/**
 * A Node, a Python and a Go process use the same limiter, lock, session, cache and flag at the same moment, on one
 * server. Their recipes share keys and formats, so their guarantees hold across languages.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KVNamespace } from "@kvasir/client";
import { flags, sessions } from "@kvasir/client/recipes";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { serve } from "../../harness/kvasir-process.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { allOf, describeWith } from "../../harness/requirements.js";
import { TOKEN } from "../../harness/running-api.js";
import { type HammerProcess, startHammer } from "./hammer-process.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const LANGUAGES = ["node", "python", "go"] as const;
/** Clients of each process. */
const CLIENTS = 4;
const UPDATES = 40;
/** How often each of two clients of a process takes the lock. */
const LOCKS = 3;
const TEST_TIMEOUT_MS = 120_000;

describeWith(allOf(PYTHON, GO), "recipes of three languages at once share", () => {
  const directory = mkdtempSync(join(tmpdir(), "kvasir-languages-"));
  const server = serve(directory, ["--workers", "2"]);
  let kv: KVNamespace;
  let processes: readonly HammerProcess[] = [];

  beforeAll(async () => {
    const program = join(directory, "hammer");
    const built = spawnSync("go", ["build", "-o", program, "."], { cwd: join(HERE, "go"), encoding: "utf8" });
    expect(built.stderr).toBe("");
    const running = await server.ready();
    const namespace = await running.createNamespace("hammered by three languages");
    kv = running.namespace(namespace);
    const given = JSON.stringify({ url: running.url, namespace, token: TOKEN });
    const python = { PYTHONPATH: join(ROOT, "sdks/python/src"), PYTHONDONTWRITEBYTECODE: "1" };
    processes = await Promise.all([
      startHammer(process.execPath, [join(HERE, "hammer.mjs"), given]),
      startHammer("python3", [join(HERE, "hammer.py"), given], python),
      startHammer(program, [given]),
    ]);
  }, FIRST_BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all(processes.map((hammer) => hammer.end()));
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** The results of one job in every process, at the same moment. */
  const hammer = <Result>(job: Readonly<Record<string, unknown>>) =>
    Promise.all(processes.map((each) => each.run<Result>(job)));

  it.each(["fixed-window", "sliding-window", "token-bucket"])(
    "a limiter, which lets exactly 50 through: %s",
    async (algorithm) => {
      const allowed = await hammer<number>({
        task: "limit",
        clients: CLIENTS,
        times: 10,
        algorithm,
        limit: 50,
      });
      expect(
        allowed.reduce((sum, some) => sum + some),
        `by ${LANGUAGES}: ${allowed}`,
      ).toBe(50);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "a lock, which never has two holders, and whose tokens rise",
    async () => {
      expect(await hammer<number>({ task: "lock", clients: 2, times: LOCKS })).toEqual([0, 0, 0]);
      const tokens = JSON.parse((await kv.get("tokens")) ?? "") as number[];
      expect(tokens).toHaveLength(LANGUAGES.length * 2 * LOCKS);
      expect(tokens.slice(1).filter((token, at) => token <= (tokens[at] ?? 0))).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "a session, of which no change is lost",
    async () => {
      const all = sessions<{ count: number }>(kv);
      const { id } = await all.create({ count: 0 }, { userId: "ada" });
      await hammer<number>({ task: "session", id, clients: 2, times: UPDATES / 2 });
      expect((await all.get(id))?.data.count).toBe(LANGUAGES.length * UPDATES);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "a cache, which computes once",
    async () => {
      const values = await hammer<string[]>({ task: "cache", clients: 10 });
      expect(new Set(values.flat()).size).toBe(1);
      expect(await kv.get("computed")).toBe("1");
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "a flag, which decides the same for every user",
    async () => {
      await flags(kv).set("new", {
        rollout: 37.5,
        deny: ["user-7"],
        variants: { blue: 1, green: 2, ä: 0.5 },
        rules: [{ when: { age: [18, 19] }, rollout: 50, variant: "green" }],
      });
      const [node = [], ...others] = await hammer<unknown[][]>({ task: "flags", ids: 1000 });
      expect(new Set(node.map(([, variant]) => variant)).size).toBe(4);
      for (const other of others) expect(other).toEqual(node);
    },
    TEST_TIMEOUT_MS,
  );
});
