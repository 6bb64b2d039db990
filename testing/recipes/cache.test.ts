import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { startKvasir } from "../harness/command.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { CacheProcess } from "./cache-process.js";
import { Gate } from "./gate.js";

/** A value is computed once, however many processes over HTTP or Workers want it. */

const PROCESSES = 4;
const CALLERS = 16;
const ROUNDS = 10;

describe("processes over HTTP", () => {
  let processes: CacheProcess[];
  let computing: () => void;

  async function start(leaseSeconds: number): Promise<void> {
    const { api } = await startKvasir(
      ["serve", "--no-auth", "--api-port", "0", "--workers", "2", "--data", temporaryDirectory(), "--json"],
      { cwd: temporaryDirectory() },
    );
    const created = await fetch(`${api}/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces`, {
      method: "POST",
      body: JSON.stringify({ title: "cache" }),
      headers: { "Content-Type": "application/json" },
    });
    const { result } = (await created.json()) as { result: { id: string } };
    const options = { url: api, namespace: result.id, leaseSeconds };
    computing = () => {};
    processes = await Promise.all(
      Array.from({ length: PROCESSES }, () => CacheProcess.start(options, () => computing())),
    );
  }

  const computations = () => processes.reduce((sum, { computations }) => sum + computations, 0);
  const untilComputing = () =>
    new Promise<void>((resolve) => {
      computing = resolve;
    });

  test(`${PROCESSES} processes with ${CALLERS} callers each compute exactly once`, async () => {
    await start(30);
    for (let round = 1; round <= ROUNDS; round++) {
      const begun = untilComputing();
      const asked = await Promise.all(processes.map((process) => process.ask(`key:${round}`, CALLERS)));
      await begun;
      for (const process of processes) process.end(`value ${round}`);
      const answers = (await Promise.all(asked.map(({ answers }) => answers))).flat();
      expect(answers).toHaveLength(PROCESSES * CALLERS);
      expect(new Set(answers.map(({ value }) => value))).toEqual(new Set([`value ${round}`]));
      expect(computations()).toBe(round);
    }
  });

  test("one that is killed while it computes blocks the others for no longer than its lease", async () => {
    const leaseSeconds = 2;
    await start(leaseSeconds);
    const [killed, ...others] = processes as [CacheProcess, ...CacheProcess[]];
    const begun = untilComputing();
    await killed.ask("key", CALLERS);
    await begun;
    const asked = await Promise.all(others.map((process) => process.ask("key", CALLERS)));
    const begunAgain = untilComputing();
    const killedAt = performance.now();
    await killed.kill();
    await begunAgain;
    // With time for one poll on a busy machine.
    expect(performance.now() - killedAt).toBeLessThan(leaseSeconds * 1000 + 1_000);
    for (const process of others) process.end("by another");
    const answers = (await Promise.all(asked.map(({ answers }) => answers))).flat();
    expect(new Set(answers.map(({ value }) => value))).toEqual(new Set(["by another"]));
    expect(computations()).toBe(2);
  });
});

describe("Workers", () => {
  let gate: Gate;
  let ask: (worker: "one" | "two", path: string, init?: RequestInit) => Promise<Response>;

  const worker = (leaseSeconds: number) => `
    import { cache, perBinding } from "@kvasir/client/recipes";
    const pagesOf = perBinding((kv) => cache(kv, { ttlSeconds: 1, staleSeconds: 60, leaseSeconds: ${leaseSeconds} }));
    const slow = async () => new Response(await (await fetch(${JSON.stringify(gate.url)})).text());
    export default {
      fetch(request, env, ctx) {
        const options = { waitUntil: (work) => ctx.waitUntil(work), key: ({ url }) => new URL(url).search };
        return pagesOf(env.PAGES).cached(request, slow, options);
      },
    };`;

  async function start(leaseSeconds: number): Promise<void> {
    const root = temporaryDirectory();
    const kv_namespaces = [{ binding: "PAGES", id: "pages" }];
    for (const name of ["one", "two"]) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, "worker.js"), worker(leaseSeconds));
      writeFileSync(
        join(root, name, "wrangler.json"),
        JSON.stringify({ name, main: "worker.js", kv_namespaces }),
      );
    }
    const { functions } = await startKvasir(
      ["dev", "one", "two", "--port", "0", "--api-port", "0", "--data", join(root, "data"), "--json"],
      { cwd: root },
    );
    ask = (name, path, init) => fetch(`${functions}/${name}/${path}`, init);
  }

  beforeEach(async () => {
    gate = await Gate.open();
  });

  test("two of them answer many requests by one computation", async () => {
    await start(30);
    const requests = Array.from({ length: 64 }, (_, at) => ask(at % 2 ? "one" : "two", "?a"));
    await gate.untilAsked(1);
    gate.answer("Hello");
    const responses = await Promise.all(requests);
    expect(new Set(await Promise.all(responses.map((response) => response.text())))).toEqual(
      new Set(["Hello"]),
    );
    expect(responses.filter((response) => response.headers.get("X-Cache") === "MISS").length).toBeGreaterThan(
      0,
    );
    expect(gate.asked).toBe(1);
  });

  test("a request that is given up while it computes blocks others for no longer than its lease", async () => {
    await start(1);
    const givesUp = new AbortController();
    const first = ask("one", "?a", { signal: givesUp.signal }).catch(() => {});
    await gate.untilAsked(1);
    const second = ask("one", "?a");
    givesUp.abort();
    await first;
    await gate.untilAsked(2);
    gate.answer("Hello");
    expect(await (await second).text()).toBe("Hello");
  });

  test("what is stale is replaced after the answer", async () => {
    await start(30);
    const first = ask("one", "?a");
    await gate.untilAsked(1);
    gate.answer("Hello 1");
    await (await first).text();
    const textOf = async (name: "one" | "two") => {
      const response = await ask(name, "?a");
      return [response.headers.get("X-Cache"), await response.text()];
    };
    // The stale value is served while the gate is closed, once the second in which it is fresh has passed.
    await expect.poll(() => textOf("two")).toEqual(["STALE", "Hello 1"]);
    await gate.untilAsked(2);
    expect(await textOf("one")).toEqual(["STALE", "Hello 1"]);
    gate.answer("Hello 2");
    await expect.poll(async () => (await textOf("one"))[1]).toBe("Hello 2");
  });
});
