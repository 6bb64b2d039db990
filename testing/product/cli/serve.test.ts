import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const ADMIN = { KVASIR_TOKEN: "the-admin-secret" };
const FREE_PORTS = ["--port", "0", "--api-port", "0"];
const HEADERS = { authorization: "Bearer the-admin-secret" };

function folderWithWorker(source: string, extra: object = {}): string {
  const folder = temporaryDirectory();
  const config = {
    name: "hits",
    main: "worker.js",
    kv_namespaces: [{ binding: "HITS", id: "hits" }],
    ...extra,
  };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
  writeFileSync(join(folder, "worker.js"), source);
  return folder;
}

const COUNTER = `export default {
  async fetch(request, env) { return new Response(String(await env.HITS.increment("n"))); },
};`;

test("serve needs a token, and says how to make one", async () => {
  const cwd = temporaryDirectory();
  const refused = await kvasir(["serve", "--api-port", "0"], { cwd });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  const [, command = ""] = /`kvasir (token create [^`]+)`/.exec(refused.stderr) ?? [];
  await kvasirOk(command.split(" "), { cwd });
  const server = await startKvasir(["serve", "--api-port", "0"], { cwd });
  expect((await fetch(`${server.api}/client/v4/accounts`)).status).toBe(401);
});

test("without a function the API runs alone", async () => {
  const cwd = temporaryDirectory();
  const server = await startKvasir(["serve", "--no-auth", "--api-port", "0"], { cwd });
  expect(server.lines).toEqual([
    expect.stringMatching(/^api http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^ready in \d+ ms$/),
  ]);
  expect((await fetch(`${server.api}/healthz`)).status).toBe(200);
});

test("the account of --account is the one that clients discover", async () => {
  const server = await startKvasir(["serve", "--no-auth", "--api-port", "0", "--account", "my-account"], {
    cwd: temporaryDirectory(),
  });
  const { result } = (await (await fetch(`${server.api}/client/v4/accounts`)).json()) as { result: object[] };
  expect(result).toEqual([expect.objectContaining({ id: "my-account" })]);
});

test("two workers answer on one port from one data directory, with the functions beside them", async () => {
  const cwd = folderWithWorker(COUNTER);
  const server = await startKvasir(["serve", "--workers", "2", "--port", "0", "--api-port", "0"], {
    cwd,
    env: ADMIN,
  });
  expect(await (await fetch(server.functions ?? "")).text()).toBe("1");
  const url = `${server.api}/binding/hits/n/increment`;
  const bump = async () => (await fetch(url, { method: "POST", headers: HEADERS, body: "{}" })).json();
  const answers = await Promise.all(Array.from({ length: 20 }, bump));
  expect(answers.map((answer) => (answer as { value: number }).value).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
  expect(await (await fetch(server.functions ?? "")).text()).toBe("22");
  expect(await server.stop()).toBe(0);
});

test("a worker that is killed is started again, and the others go on meanwhile", async () => {
  const cwd = temporaryDirectory();
  const server = await startKvasir(["serve", "--no-auth", "--workers", "2", "--api-port", "0", "--json"], {
    cwd,
  });
  const { pids } = await workersOf(server.pid);
  expect(pids).toHaveLength(2);
  process.kill(pids[0] ?? 0, "SIGKILL");
  const line = await server.line(/"event":"error".*Worker process 1 ended \(SIGKILL\)/);
  expect(JSON.parse(line)).toMatchObject({ event: "error" });
  for (let request = 0; request < 5; request++)
    expect((await fetch(`${server.api}/healthz`)).status).toBe(200);
  await expect.poll(async () => (await workersOf(server.pid)).pids.length).toBe(2);
  expect(await server.stop()).toBe(0);
});

test("functions reach the data through all workers, and go on when one of those is killed", async () => {
  const cwd = folderWithWorker(COUNTER);
  const args = ["serve", "--workers", "2", "--port", "0", "--api-port", "0", "--json"];
  const server = await startKvasir(args, { cwd, env: ADMIN });
  const close = { connection: "close" };
  const answer = async () => (await fetch(server.functions ?? "", { headers: close })).text();
  // Requests of functions, by worker.
  const served = async () => {
    const metrics = await (
      await fetch(`${server.api}/metrics`, { headers: { ...HEADERS, ...close } })
    ).text();
    const lines = metrics.matchAll(
      /^kvasir_worker_http_requests_total\{worker="(\d)",dialect="functions"\} (\d+)$/gm,
    );
    return Object.fromEntries(Array.from(lines, ([, worker, count]) => [worker, Number(count)]));
  };
  // The kernel chooses which of the two workerd processes takes a request.
  let requests = 0;
  const counts = async () => {
    for (let request = 0; request < 20; request++) expect(await answer()).toBe(String(++requests));
    return Object.keys(await served()).length;
  };
  await expect.poll(counts).toBe(2);

  const { pids } = await workersOf(server.pid);
  process.kill(pids[1] ?? 0, "SIGKILL");
  await server.line(/Worker process 2 ended \(SIGKILL\)/);
  // A request may fail in the moment before the functions know. After that none does.
  const isWell = async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, answer));
    return answers.every((text) => /^\d+$/.test(text));
  };
  await expect.poll(isWell).toBe(true);
  await expect.poll(async () => (await workersOf(server.pid)).pids.length).toBe(2);
  const workersThatServed = async () => (await isWell()) && Object.keys(await served()).length;
  await expect.poll(workersThatServed).toBe(2);
  expect(await server.stop()).toBe(0);
});

test("/metrics adds up what all workers have counted, whichever of them is asked", async () => {
  const cwd = temporaryDirectory();
  const server = await startKvasir(["serve", "--no-auth", "--workers", "2", "--api-port", "0"], { cwd });
  // One connection each, because workers take turns with connections.
  const ask = async (path: string) =>
    (await fetch(`${server.api}${path}`, { headers: { connection: "close" } })).text();
  await Promise.all(Array.from({ length: 20 }, () => ask("/healthz")));
  for (let time = 0; time < 4; time++) {
    const metrics = await ask("/metrics");
    const figure = (name: string) => Number(new RegExp(`^${name} (.+)$`, "m").exec(metrics)?.[1]);
    const health = 'dialect="kvasir",operation="health"';
    expect(figure(`kvasir_http_requests_total\\{${health},status="200"\\}`)).toBe(20);
    const duration = "kvasir_http_request_duration_seconds";
    expect(figure(`${duration}_count\\{${health}\\}`)).toBe(20);
    expect(figure(`${duration}_bucket\\{${health},le="\\+Inf"\\}`)).toBe(20);
    const byWorker = [1, 2].map((worker) =>
      figure(`kvasir_worker_http_requests_total\\{worker="${worker}",dialect="kvasir"\\}`),
    );
    expect(byWorker.every((count) => count > 0)).toBe(true);
    expect([figure("kvasir_workers_counted"), figure("kvasir_workers_missing")]).toEqual([2, 0]);
  }
});

test("/metrics leaves out a worker that does not answer, and says so", async () => {
  const cwd = temporaryDirectory();
  const server = await startKvasir(["serve", "--no-auth", "--workers", "2", "--api-port", "0"], { cwd });
  const { pids } = await workersOf(server.pid);
  process.kill(pids[1] ?? 0, "SIGSTOP");
  onTestFinished(() => void process.kill(pids[1] ?? 0, "SIGCONT"));
  // Connections that the stopped process gets never receive a response.
  const metrics = await Promise.any(
    Array.from({ length: 4 }, async () => {
      const answer = await fetch(`${server.api}/metrics`, { signal: AbortSignal.timeout(10_000) });
      return await answer.text();
    }),
  );
  expect(metrics).toMatch(/^kvasir_workers_counted 1$/m);
  expect(metrics).toMatch(/^kvasir_workers_missing 1$/m);
  process.kill(pids[1] ?? 0, "SIGCONT");
});

test("when the process that started them is killed, workers and functions end too", async () => {
  const cwd = folderWithWorker(COUNTER);
  const server = await startKvasir(["serve", "--workers", "2", "--port", "0", "--api-port", "0"], {
    cwd,
    env: ADMIN,
  });
  const { pids } = await workersOf(server.pid);
  await server.stop("SIGKILL");
  await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
  const gone = () =>
    fetch(server.functions ?? "").then(
      () => "answers",
      () => "gone",
    );
  await expect.poll(gone, { timeout: 5000 }).toBe("gone");
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s finishes the request under way and ends with 0",
  async (signal) => {
    const cwd = folderWithWorker(`export default {
    async fetch() {
      console.log("begun");
      await new Promise((resolve) => setTimeout(resolve, 300));
      return new Response("finished");
    },
  };`);
    const server = await startKvasir(["serve", "--port", "0", "--api-port", "0"], { cwd, env: ADMIN });
    const answer = fetch(server.functions ?? "").then((response) => response.text());
    await server.line(/begun/);
    const startedMs = Date.now();
    expect(await server.stop(signal)).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(5000);
    expect(await answer).toBe("finished");
  },
);

test.each([
  ["dev", "--port", "0"],
  ["serve", "--port", "0", "--workers", "2"],
])("SIGTERM finishes what goes on after responses: %s", async (...command) => {
  const cwd = folderWithWorker(`export default {
    fetch(request, env, ctx) {
      ctx.waitUntil(scheduler.wait(1000).then(() => env.HITS.put("k", "written")));
      return new Response("responded");
    },
  };`);
  const server = await startKvasir([...command, "--api-port", "0"], { cwd, env: ADMIN });
  expect(await (await fetch(server.functions ?? "")).text()).toBe("responded");
  expect(await server.stop()).toBe(0);
  expect(await kvasirOk(["kv", "key", "get", "k", "--binding", "HITS"], { cwd })).toBe("written");
});

test("SIGTERM ends in time with 0 also when work goes on, and says what it cut off", async () => {
  const cwd = folderWithWorker(`export default {
    fetch(request, env, ctx) {
      ctx.waitUntil(scheduler.wait(60_000));
      return new Response("responded");
    },
  };`);
  const server = await startKvasir(["serve", "--port", "0", "--api-port", "0"], { cwd, env: ADMIN });
  expect(await (await fetch(server.functions ?? "")).text()).toBe("responded");
  const startedMs = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(server.errors).toEqual([
    "[hits] 1 background task of hits did not finish in time and had to be cut off.",
  ]);
});

test("a signal while it starts ends it with 0 as well", async () => {
  const cwd = folderWithWorker(COUNTER);
  for (const workers of ["1", "2"]) {
    const args = [
      "serve",
      "--no-auth",
      "--workers",
      workers,
      "--port",
      "0",
      "--api-port",
      "0",
      "--data",
      "data",
    ];
    const server = KvasirProcess.launch(args, { cwd });
    // A test that times out must leave no process behind.
    onTestFinished(() => server.kill());
    // It makes the data directory first.
    await expect.poll(() => existsSync(join(cwd, "data"))).toBe(true);
    expect(await server.stop()).toBe(0);
    rmSync(join(cwd, "data"), { recursive: true });
  }
});

test("an open watch does not keep the server from ending in time", async () => {
  const server = await startKvasir(["serve", "--no-auth", "--api-port", "0"], { cwd: temporaryDirectory() });
  const created = await fetch(`${server.api}/client/v4/accounts/a/storage/kv/namespaces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"title":"watched"}',
  });
  const { result } = (await created.json()) as { result: { id: string } };
  const watch = await fetch(`${server.api}/binding/${result.id}/?watch=true`);
  expect(watch.status).toBe(200);
  const startedMs = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - startedMs).toBeLessThan(5000);
  await watch.text().catch(() => "");
});

test("a port that is in use is named", async () => {
  const first = await startKvasir(["serve", "--no-auth", "--api-port", "0"], { cwd: temporaryDirectory() });
  const { port } = new URL(first.api);
  for (const workers of ["1", "2"]) {
    const args = ["serve", "--no-auth", "--api-port", port, "--workers", workers];
    const second = await kvasir(args, { cwd: temporaryDirectory() });
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(
      new RegExp(`^error: Port ${port} on 127\\.0\\.0\\.1 is in use\\. Stop the program`),
    );
    expect(second.stderr.trim().split("\n")).toHaveLength(1);
  }
});

test("the API's port that is in use is named once, with functions beside it too", async () => {
  const first = await startKvasir(["serve", "--no-auth", "--api-port", "0"], { cwd: temporaryDirectory() });
  const { port } = new URL(first.api);
  for (const command of [["dev"], ["serve", "--no-auth"], ["serve", "--no-auth", "--workers", "2"]]) {
    const second = await kvasir([...command, "--port", "0", "--api-port", port], {
      cwd: folderWithWorker(COUNTER),
    });
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(new RegExp(`^error: Port ${port} on 127\\.0\\.0\\.1 is in use\\.`));
    expect(second.stderr.trim().split("\n")).toHaveLength(1);
  }
});

test("functions never see an API token", async () => {
  const cwd = folderWithWorker(
    `import process from "node:process";
    export default {
      fetch(request, env) { return new Response(JSON.stringify([process.env, Object.values(env).filter((v) => typeof v === "string")])); },
    };`,
    {
      compatibility_date: "2026-01-01",
      compatibility_flags: ["nodejs_compat", "nodejs_compat_populate_process_env"],
    },
  );
  writeFileSync(join(cwd, ".env"), "OTHER=seen\nKVASIR_TOKEN=from-the-env-file\n");
  const server = await startKvasir(["serve", "--port", "0", "--api-port", "0"], {
    cwd,
    env: { ...ADMIN, CLOUDFLARE_INCLUDE_PROCESS_ENV: "true" },
  });
  const seen = await (await fetch(server.functions ?? "")).text();
  expect(seen).toContain("seen");
  expect(seen).not.toContain("the-admin-secret");
  expect(seen).not.toContain("from-the-env-file");
});

test("--log-requests reports requests to the API and to functions, by each process, as JSON lines", async () => {
  const cwd = folderWithWorker(`export default {
    fetch(request) {
      if (new URL(request.url).pathname === "/throw") throw new Error("on\\n purpose");
      return new Response("ok", { headers: { "Content-Length": "2" } });
    },
  };`);
  const flags = ["--workers", "2", "--log-requests", "--json", "--trust-proxy", "loopback"];
  const server = await startKvasir(["serve", ...FREE_PORTS, ...flags], { cwd, env: ADMIN });
  const ask = (url: string, headers = {}) => fetch(url, { headers: { connection: "close", ...headers } });
  const events = () => server.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const requests = () => events().filter(({ event }) => event === "request");

  const response = await ask(`${server.functions}/a?token=hush&x=1`, { "X-Request-Id": "proxy-1" });
  expect(response.headers.get("x-request-id")).toBe("proxy-1");
  const thrown = await ask(`${server.functions}/throw`);
  const id = thrown.headers.get("x-request-id");
  await expect.poll(() => requests().filter((event) => event["function"] === "hits").length).toBe(2);
  expect(requests()).toEqual([
    {
      event: "request",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: "info",
      request: "proxy-1",
      function: "hits",
      method: "GET",
      path: "/a?token=***&x=1",
      status: 200,
      ms: expect.toSatisfy(Number.isInteger),
      bytes: 2,
    },
    expect.objectContaining({ request: id, path: "/throw", status: 500, level: "error" }),
  ]);
  expect(events()).toContainEqual(
    expect.objectContaining({ event: "error", level: "error", function: "hits", request: id }),
  );

  // Each process makes ids with a beginning of its own.
  const makers = async () => {
    await ask(`${server.api}/client/v4/accounts`, HEADERS);
    const made = requests().filter((event) => event["token"] === "admin");
    return new Set(made.map(({ request }) => String(request).split("-")[0])).size;
  };
  await expect.poll(makers).toBe(2);
  expect(JSON.stringify(events())).not.toContain("the-admin-secret");
});

test.each([
  ["file", /^error: \S+file is not a folder\. Give --data a folder/],
  ["file/data", /^error: \S+file is not a folder\. Give --data a folder/],
  ["nowhere", /^error: The folder \S+nowhere for the data cannot be made: a link .* Choose another folder/],
  ["/proc/kvasir/data", /^error: The folder \/proc\/kvasir for the data cannot be made: .* Choose another/],
])("a data directory that cannot be made is named: %s", async (data, text) => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "file"), "");
  symlinkSync("/nonexistent/kvasir", join(cwd, "nowhere"));
  for (const command of [
    ["serve", "--no-auth", "--api-port", "0"],
    ["token", "create"],
  ]) {
    const { code, stdout, stderr } = await kvasir([...command, "--data", data], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(text);
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The Node processes that a process has started. */
async function workersOf(pid: number): Promise<{ pids: number[] }> {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const { stdout } = await promisify(execFile)("ps", ["-o", "pid=,ppid=,args=", "-A"]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const pids = rows.filter(
    ([, parent, ...args]) => Number(parent) === pid && args.join(" ").includes("kvasir.js"),
  );
  return { pids: pids.map(([child]) => Number(child)) };
}
