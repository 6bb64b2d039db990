import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namespaceSink } from "@kvasir/store";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ACCOUNT, openServer, type TestServer } from "../../harness/api.js";
import { CloudflareMock, type Fault } from "../../harness/cloudflare/api.js";
import { kvasir, kvasirOk } from "../../harness/command.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { Random, runSeed } from "../../harness/random.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { compared, entriesIn, storedIn, storeIn } from "./copied.js";
import { randomEntries } from "./random-entries.js";

/** Several programs, one after the other, on a busy machine. */
const BUSY_MS = 90_000;
const mock = new CloudflareMock();
beforeAll(async () => {
  await mock.start();
});
afterAll(() => mock.stop());

const copied = async (args: readonly string[], cwd: string) =>
  JSON.parse(await kvasirOk(["copy", "--json", ...args], { cwd, env: mock.env })) as Record<string, unknown>;

/** A server that is stopped with the test. */
async function server(adminToken: string): Promise<TestServer> {
  const started = await openServer({ auth: { mode: "tokens", adminToken } });
  onTestFinished(() => started.stop());
  return started;
}

/** Faults of every kind, each now and then. */
function everyFault({ number }: { readonly number: number }): Fault | undefined {
  const faults: Record<number, Fault> = {
    3: { status: 429, retryAfter: "0" },
    8: "cut",
    13: "truncate",
    18: "drop",
  };
  return faults[number % 23];
}

describe("kvasir copy", () => {
  test("copies everything from one data directory to another", async () => {
    const seed = runSeed();
    const cwd = temporaryDirectory();
    const entries = randomEntries(new Random(seed), 500, "everything");
    await storeIn(join(cwd, "a"), "main", entries);
    expect(await copied(["--from", "a#main", "--to", "b#copy"], cwd)).toMatchObject({
      event: "copied",
      entries: 500,
      bytes: entries.reduce((bytes, { value }) => bytes + value.byteLength, 0),
      skipped: 0,
      refused: 0,
      verified: { entries: 500, sampled: 64 },
    });
    expect(await storedIn(join(cwd, "b"), "copy"), `seed ${seed}`).toEqual(compared(entries));
  });

  test("copies everything to Cloudflare and back, while it throttles, fails and truncates", {
    timeout: BUSY_MS,
  }, async () => {
    const seed = runSeed();
    const cwd = temporaryDirectory();
    const entries = randomEntries(new Random(seed), 60, "what Workers KV keeps");
    await storeIn(join(cwd, "a"), "main", entries);
    mock.fault = everyFault;
    try {
      const there = await copied(["--from", "a#main", "--to", `cloudflare:${mock.account}/trip`], cwd);
      expect(there, `seed ${seed}`).toMatchObject({ entries: 60, refused: 0, verified: { entries: 60 } });
      const back = await copied(["--from", "cloudflare:trip", "--to", "b#main"], cwd);
      expect(back, `seed ${seed}`).toMatchObject({ entries: 60, refused: 0, verified: { changed: 0 } });
    } finally {
      mock.fault = undefined;
    }
    expect(await storedIn(join(cwd, "b"), "main"), `seed ${seed}`).toEqual(compared(entries));
  });

  test("copies everything from one server to another, each with its token, and through the API that wrangler uses", {
    timeout: BUSY_MS,
  }, async () => {
    const seed = runSeed();
    const cwd = temporaryDirectory();
    const entries = randomEntries(new Random(seed), 300, "everything");
    const [from, to] = [await server("one"), await server("two")];
    const { id } = await from.database.catalog.create("main");
    const { refused } = await namespaceSink(from.database.store, id, from.database).write(entries);
    expect(refused).toEqual([]);
    const between = ["copy", "--json", "--from", `${from.url}#main`, "--to", `${to.url}#copy`];
    const tokens = { KVASIR_FROM_TOKEN: "one", KVASIR_TO_TOKEN: "two" };
    const report = JSON.parse(await kvasirOk(between, { cwd, env: tokens }));
    expect(report).toMatchObject({
      entries: 300,
      content_types_lost: 0,
      verified: { entries: 300, sampled: 64 },
    });
    const copy = await to.database.catalog.find("copy");
    expect(compared(await entriesIn(to.database, copy?.id ?? "")), `seed ${seed}`).toEqual(compared(entries));

    // Our own server in Cloudflare's place.
    const env = {
      CLOUDFLARE_API_BASE_URL: `${to.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: "two",
      KVASIR_TOKEN: "one",
    };
    const back = ["copy", "--json", "--from", `cloudflare:${ACCOUNT}/copy`, "--to", `${from.url}#back`];
    expect(JSON.parse(await kvasirOk(back, { cwd, env }))).toMatchObject({
      entries: 300,
      verified: { changed: 0 },
    });
    const found = await from.database.catalog.find("back");
    const kept = entries.map((entry) => ({
      ...entry,
      contentType: null,
      expirationMs: entry.expirationMs === null ? null : Math.floor(entry.expirationMs / 1000) * 1000,
    }));
    expect(compared(await entriesIn(from.database, found?.id ?? "")), `seed ${seed}`).toEqual(compared(kept));
  });

  test("takes a part, a sample, and namespaces by their ids", async () => {
    const cwd = temporaryDirectory();
    const from = mock.create("parts");
    for (const key of ["a1", "b1", "b2", "b3", "c1"]) from.put(key, key);
    const part = ["--from", `cloudflare:${from.id}`, "--to", "d#part", "--prefix", "b", "--limit", "2"];
    expect(await copied([...part, "--dry-run"], cwd)).toMatchObject({
      entries: 2,
      dry_run: true,
      verified: null,
    });
    expect(existsSync(join(cwd, "d"))).toBe(false);
    expect(await copied(part, cwd)).toMatchObject({
      entries: 2,
      bytes: 4,
      verified: { entries: 2, sampled: 2 },
    });
    expect((await storedIn(join(cwd, "d"), "part"))?.map(({ key }) => key)).toEqual(["b1", "b2"]);
  });

  test("overwrites, skips, or ends at keys that are there", { timeout: BUSY_MS }, async () => {
    const cwd = temporaryDirectory();
    const from = mock.create("conflicts");
    for (const key of ["a", "b", "c"]) from.put(key, "new");
    const old = {
      key: "b",
      value: Buffer.from("old"),
      expirationMs: null,
      metadata: null,
      contentType: null,
    };
    await storeIn(join(cwd, "d"), "main", [old]);
    const args = ["--from", "cloudflare:conflicts", "--to", "d#main"];
    const ended = await kvasir(["copy", ...args, "--on-conflict", "fail"], { cwd, env: mock.env });
    expect(ended).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('It ended at "b", because d#main has that key'),
    });
    expect(await copied([...args, "--on-conflict", "skip"], cwd)).toMatchObject({ entries: 2, skipped: 1 });
    expect((await storedIn(join(cwd, "d"), "main"))?.map(({ value }) => value)).toEqual([
      "new",
      "old",
      "new",
    ]);
    expect(await copied(args, cwd)).toMatchObject({ entries: 3, skipped: 0 });
    expect((await storedIn(join(cwd, "d"), "main"))?.map(({ value }) => value)).toEqual([
      "new",
      "new",
      "new",
    ]);
  });

  test("says what Cloudflare does not keep, and what it refuses", async () => {
    const cwd = temporaryDirectory();
    const soon = Date.now() + 30_000;
    const entry = { value: Buffer.from("x"), expirationMs: null, metadata: null, contentType: null };
    await storeIn(join(cwd, "d"), "main", [
      { ...entry, key: "going", expirationMs: soon },
      { ...entry, key: "typed", contentType: "image/png" },
    ]);
    const { stdout, stderr } = await kvasir(["copy", "--from", "d#main", "--to", "cloudflare:kept"], {
      cwd,
      env: mock.env,
    });
    expect(stderr).toContain("1 entry had a content type, which cloudflare:");
    expect(stdout).toContain("Copied 1 entry (1 byte)");
    expect(stdout).toContain("1 entry left out: expired, or about to.");
    expect(stdout).toContain("has 1 entry; 1 of those copied were read back and are the same.");
  });

  test("does not call text whole that lost its byte order mark", async () => {
    const lossy = await new CloudflareMock({ dropsMarks: true }).start();
    const cwd = temporaryDirectory();
    lossy.create("marks").put("a", "\ufefftext");
    const args = ["copy", "--from", "cloudflare:marks", "--to", "d#main"];
    try {
      const { code, stderr } = await kvasir(args, { cwd, env: lossy.env });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /drops the byte order mark.* as of "a"\. Run the command again with --single-reads\.\n$/,
      );
      await kvasirOk([...args, "--single-reads"], { cwd, env: lossy.env });
      expect((await storedIn(join(cwd, "d"), "main"))?.[0]?.value).toBe("\xef\xbb\xbftext");
    } finally {
      await lossy.stop();
    }
  });
});

describe("kvasir copy, killed in the middle,", () => {
  test.each([
    ["goes on with --resume", true],
    ["starts again without", false],
  ])("%s, and ends with the same data", { timeout: BUSY_MS }, async (_, resumes) => {
    const cwd = temporaryDirectory();
    const seed = runSeed();
    const from = mock.create(`killed ${resumes}`);
    const entries = randomEntries(new Random(seed), 400, "what Workers KV keeps");
    for (const { key, value, expirationMs, metadata } of entries) {
      from.put(key, value, {
        expiration: expirationMs === null ? undefined : expirationMs / 1000,
        metadata: metadata === null ? undefined : JSON.parse(metadata),
      });
    }
    const args = [
      "copy",
      "--json",
      "--from",
      `cloudflare:${from.id}`,
      "--to",
      "d#main",
      "--resume",
      "r.json",
    ];
    // The third bulk read never ends, so that the kill is in the middle.
    let reads = 0;
    const stuck = hold(mock, ({ path }) => path.endsWith("/bulk/get") && ++reads > 2);
    const running = KvasirProcess.launch(args, { cwd, env: mock.env });
    await stuck.reached;
    const noted = () => {
      const { totals } = JSON.parse(readFileSync(join(cwd, "r.json"), "utf8")) as {
        totals: { entries: number };
      };
      return totals.entries;
    };
    await expect.poll(noted).toBeGreaterThan(0);
    await running.kill();
    stuck.release();
    const resumedAt = noted();
    expect(resumedAt).toBeLessThan(400);
    const output = await kvasirOk(resumes ? args : args.slice(0, -2), { cwd, env: mock.env });
    expect(JSON.parse(output)).toMatchObject({
      entries: 400,
      resumed_at: resumes ? resumedAt : 0,
      verified: { entries: 400 },
    });
    expect(await storedIn(join(cwd, "d"), "main"), `seed ${seed}`).toEqual(compared(entries));
  });

  test("does not copy again what a finished file names", async () => {
    const cwd = temporaryDirectory();
    mock.create("finished").put("a", "1");
    const args = ["copy", "--from", "cloudflare:finished", "--to", "d#main", "--resume", "r.json"];
    await kvasirOk(args, { cwd, env: mock.env });
    expect(await kvasir(args, { cwd, env: mock.env })).toMatchObject({
      code: 0,
      stderr: "This copy is complete, as r.json says. Remove that file to copy again.\n",
    });
    expect(await kvasir([...args, "--prefix", "a"], { cwd, env: mock.env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('r.json belongs to another copy: its --prefix is "".'),
    });
  });
});

/** Holds the requests that match, without a response, until they are released. */
function hold(on: CloudflareMock, matches: (request: { path: string; number: number }) => boolean) {
  let reached = () => {};
  const seen = new Promise<void>((resolve) => {
    reached = resolve;
  });
  on.fault = (request) => {
    if (!matches(request)) return undefined;
    reached();
    return "hold";
  };
  return {
    reached: seen,
    release() {
      on.fault = undefined;
    },
  };
}
