import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Entry, open, type PutInput } from "@kvasir/store";
import { beforeAll, describe, expect, test } from "vitest";
import { kvasir, kvasirOk } from "../../harness/command.js";
import { KvasirProcess, type LaunchOptions } from "../../harness/kvasir-process.js";
import { randomBytesOf } from "../../harness/random.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const FAR_MS = 4_000_000_000_250;

/** Entries of every kind that a store may hold, in the order of their keys. */
const ENTRIES: readonly (PutInput & { readonly key: string; readonly value: Buffer })[] = [
  entry("1", "integer-like"),
  entry("__proto__", "{}", { metadata: '{"a":[1,null,"\\ud800"]}' }),
  entry("bytes", Buffer.of(0xff, 0, 0xfe, 0x0a), { metadata: "7", expirationMs: FAR_MS }),
  entry("empty", ""),
  entry("large", randomBytesOf("transfer", 2_000_000)),
  entry("long text", "zeile\n\u2028\0ü".repeat(30_000), { contentType: "text/plain; charset=utf-8" }),
  entry("\ufeffmark", "\ufeff\r\n"),
  entry("🦊/?#%", "🦊"),
].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));

function entry(key: string, value: string | Buffer, more: Partial<PutInput> = {}) {
  return {
    key,
    expirationMs: null,
    metadata: null,
    contentType: null,
    ...more,
    value: Buffer.from(value as string),
  };
}

async function fill(directory: string, titles: readonly string[]): Promise<void> {
  const database = open(directory, { durability: "relaxed" });
  for (const title of titles) {
    const { id } = await database.catalog.ensureTitle(title);
    for (const { key, ...input } of ENTRIES) await database.store.entries.put(id, key, input);
  }
  await database.close();
}

/** Comparing bytes one by one takes seconds. */
function comparable<E extends { readonly value: Buffer }>({ value, ...others }: E) {
  return { ...others, value: value.toString("latin1") };
}

const EXPECTED = ENTRIES.map(comparable);

async function contentsOf(directory: string, title: string) {
  const database = open(directory);
  const { id } = await database.catalog.ensureTitle(title);
  const page = await database.store.entries.list(id, { limit: 100 });
  const found = await Promise.all(
    page.entries.map(async ({ key }) => {
      const { value, version: _version, ...rest } = (await database.store.entries.get(id, key)) as Entry;
      const parts: Uint8Array[] = [];
      if (value instanceof Uint8Array) parts.push(value);
      else for await (const part of value.parts()) parts.push(part);
      return comparable({ key, ...rest, value: Buffer.concat(parts) });
    }),
  );
  await database.close();
  return found;
}

/** A data directory with two namespaces, and a server on another one. */
let data: string;
let remote: string;
let flags: Record<"local" | "url", readonly string[]>;
const folder = { cwd: "" };
beforeAll(async () => {
  // Not `temporaryDirectory()`, which ends with the test that it is called in.
  folder.cwd = mkdtempSync(join(tmpdir(), "kvasir-test-"));
  data = join(folder.cwd, "data");
  remote = join(folder.cwd, "remote");
  await fill(data, ["one", "two"]);
  await fill(remote, ["one"]);
  const server = KvasirProcess.launch(["serve", "--no-auth", "--api-port", "0", "--data", remote], folder);
  await server.ready();
  flags = { local: ["--data", data], url: ["--url", server.api] };
  return async () => {
    await server.stop();
    rmSync(folder.cwd, { recursive: true, force: true });
  };
});

const run = (args: readonly string[], options: LaunchOptions = folder) => kvasir(args, options);

async function idOf(way: readonly string[], title: string): Promise<string> {
  const list = JSON.parse(await kvasirOk(["kv", "namespace", "list", ...way], folder));
  return (list as { id: string; title: string }[]).find((found) => found.title === title)?.id ?? "";
}

test.each([
  ["local", "url", "x.jsonl.gz"],
  ["local", "local", "x.jsonl.zst"],
  ["url", "local", "x.json"],
  ["url", "url", "x.jsonl"],
] as const)("what is exported comes back equal, from %s to %s, through %s", async (from, to, file) => {
  const format = file.endsWith(".json") ? ["--format", "json"] : [];
  const id = await idOf(flags[from], "one");
  const name = `${from}-${to}-${file}`;
  const exported = await run(["export", name, "--namespace-id", id, "--json", ...format, ...flags[from]]);
  const bytes = ENTRIES.reduce((sum, { value }) => sum + value.length, 0);
  expect(JSON.parse(exported.stdout)).toEqual({
    event: "exported",
    entries: ENTRIES.length,
    bytes,
    skipped: 0,
    refused: 0,
    namespaces: 1,
  });
  const imported = await run(["import", name, "--create", name, "--json", ...flags[to]]);
  expect(imported).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(imported.stdout)).toEqual({
    event: "imported",
    entries: ENTRIES.length,
    bytes,
    skipped: 0,
    expired: 0,
    refused: 0,
  });
  // Other tools read the array: its times are whole seconds.
  const expected = EXPECTED.map((whole) => ({
    ...whole,
    expirationMs: whole.expirationMs !== null && format.length > 0 ? FAR_MS - 250 : whole.expirationMs,
  }));
  expect(await contentsOf(to === "local" ? data : remote, name)).toEqual(expected);
});

describe.each(["local", "url"] as const)("%s", (from) => {
  test("refused lines are named, the rest is imported, the exit code is 1", async () => {
    writeFileSync(
      join(folder.cwd, "mixed.jsonl"),
      [
        '{"key":"a","value":"1"}',
        "broken",
        '{"key":"b","value":"?","base64":true}',
        '{"key":"old","value":"1","expiration":5}',
        `{"key":"c","value":"3","metadata":"${"m".repeat(2000)}"}`,
        '{"key":"d","value":"4"}',
      ].join("\r\n"),
    );
    const title = `mixed-${from}`;
    const args = ["import", "mixed.jsonl", "--create", title, ...flags[from]];
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(1);
    expect(stderr.split("\n")).toEqual([
      "line 2: It is not valid JSON.",
      'line 3 (key "b"): Its value is not valid base64.',
      'line 5 (key "c"): Metadata length of 2002 exceeds limit of 1024.',
      "",
    ]);
    expect(stdout).toMatch(/^Imported 2 entries \(2 bytes\) in .* s; 1 had expired, 3 were refused\.\n$/);
    const again = await run([...args, "--on-conflict", "skip", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ entries: 0, skipped: 3, expired: 1, refused: 3 });
    expect(JSON.parse(again.stderr.split("\n")[0] ?? "")).toMatchObject({ event: "refused", line: 2 });
  });

  test("--on-conflict fail names the line and writes nothing, --dry-run counts", async () => {
    const title = `conflict-${from}`;
    writeFileSync(join(folder.cwd, "first.json"), '[{"key":"b","value":"old"}]');
    writeFileSync(join(folder.cwd, "second.json"), '[{"key":"a","value":"1"},{"key":"b","value":"new"}]');
    const target = ["--create", title, ...flags[from]];
    const trial = await run(["import", "first.json", "--dry-run", ...target]);
    expect(trial.stdout).toMatch(/^Would import 1 entry \(3 bytes\)/);
    await kvasirOk(["import", "first.json", ...target], folder);
    const failed = await run(["import", "second.json", "--on-conflict", "fail", ...target]);
    expect(failed).toMatchObject({ code: 1, stderr: 'item 2 (key "b"): The key is there already.\n' });
    expect(failed.stdout).toContain("Imported 0 entries");
    const file = (await contentsOf(from === "local" ? data : remote, title)).map(
      ({ key, value }) => `${key}=${value}`,
    );
    expect(file).toEqual(["b=old"]);
  });
});

test("a file of all namespaces goes into those of its titles, in another place", async () => {
  const file = join(folder.cwd, "all.jsonl");
  const all = await run(["export", "--all", ...flags.local]);
  writeFileSync(file, all.bytes);
  const place = temporaryDirectory();
  const into = await run(["import", file, "--namespace-id", await idOf(flags.url, "one"), ...flags.url]);
  expect(into).toMatchObject({ code: 1 });
  expect(into.stderr).toMatch(/holds more than one namespace/);
  expect(await run(["import", file, "--data", place])).toMatchObject({ code: 0, stderr: "" });
  expect(await contentsOf(place, "two")).toEqual(EXPECTED);
  const nameless = join(folder.cwd, "nameless.jsonl");
  writeFileSync(nameless, '{"key":"a","value":"1"}');
  expect((await run(["import", nameless, "--data", place])).stderr).toMatch(
    /does not say which namespace .*--create/,
  );
});

test("standard input and output, compressed by others", async () => {
  const file = join(folder.cwd, "piped.jsonl.gz");
  const id = await idOf(flags.local, "one");
  await kvasirOk(["export", file, "--namespace-id", id, "--prefix", "b", ...flags.local], folder);
  const lines = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).key)).toEqual([undefined, "bytes"]);
  const through = ["sh", "-c", `gunzip -c ${file} | "$@"`, "sh"];
  const place = temporaryDirectory();
  const piped = await run(["import", "-", "--data", place, "--json"], { ...folder, through });
  expect(JSON.parse(piped.stdout)).toMatchObject({ event: "imported", entries: 1 });
});

test("what is no export is told for what it is", async () => {
  const at = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder.cwd, name), content);
    return name;
  };
  const line = '{"key":"a","value":"1"}';
  const said = async (name: string) => {
    const { code, stderr } = await run(["import", name, "--create", "foreign", ...flags.local]);
    expect(code, name).toBe(1);
    expect(stderr.trim().split("\n"), name).toHaveLength(1);
    return stderr;
  };
  expect(await said(at("really-gzip.jsonl", gzipSync(line)))).toMatch(/This is gzip-compressed data.*\.gz/);
  expect(await said(at("not-gzip.gz", line))).toMatch(/not-gzip\.gz is not gzip-compressed/);
  expect(await said(at("not-zstd.zst", line))).toMatch(/not-zstd\.zst is not Zstandard-compressed/);
  expect(await said(at("cut.gz", gzipSync(line).subarray(0, 20)))).toMatch(/cut\.gz ends too early/);
  expect(await said(at("cut.json", `[${line},{"ke`))).toMatch(
    /cut\.json cannot be imported: The array ends too early/,
  );
  expect(await said(at("dump.sql", "INSERT INTO kv VALUES (1);"))).toMatch(/This is SQL/);
  expect(await said("data/data.mdb")).toMatch(/This is an LMDB data file.*kvasir export/);
  expect(await said("data")).toMatch(/data is a folder\..*kvasir export --data/);
  expect(await said("missing.jsonl")).toMatch(/missing\.jsonl does not exist/);
});

test("a reader that leaves, a full disk and a wrong place end an export with a sentence", async () => {
  const cut = await run(["export", "--all", ...flags.local], {
    ...folder,
    through: ["bash", "-c", 'set -o pipefail; "$@" | head -c 10 > /dev/null', "bash"],
  });
  expect(cut).toMatchObject({
    code: 1,
    stderr: "error: The reader of the output left before the export was complete.\n",
  });
  const full = await run(["export", "/dev/full", "--all", ...flags.local]);
  expect(full).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: There is no space left for \/dev\/full/),
  });
  const nowhere = await run(["export", "none/x.jsonl", "--all", ...flags.local]);
  expect(nowhere.stderr).toBe("error: The folder of none/x.jsonl does not exist. Make it first.\n");
  expect((await run(["export", "--all", "--format", "json", ...flags.local])).stderr).toMatch(
    /^error: --format json has/,
  );
  expect((await run(["export", ...flags.local])).stderr).toMatch(/Say which namespace in exactly one way/);
});

test("an import goes on when the reader of its messages leaves, and its exit code says it", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) =>
    index < 19_999 ? "broken" : '{"key":"k","value":"v"}',
  );
  writeFileSync(join(folder.cwd, "refused.jsonl"), lines.join("\n"));
  const first = await run(["import", "refused.jsonl", "--create", "unread", ...flags.local], {
    ...folder,
    through: ["bash", "-c", 'set -o pipefail; "$@" 2>&1 | head -n 1', "bash"],
  });
  expect(first).toMatchObject({ code: 1, stdout: "line 1: It is not valid JSON.\n" });
  expect(await contentsOf(data, "unread")).toMatchObject([{ key: "k", value: "v" }]);
});

test("a killed export leaves what was under the name, and the next one clears up", async () => {
  const file = join(folder.cwd, "kept.jsonl");
  writeFileSync(file, "before");
  const stopped = KvasirProcess.launch(["export", file, "--all", ...flags.local], {
    ...folder,
    // Stops when it has written this much, with SIGXFSZ's error or a signal: never under the name.
    through: ["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh"],
  });
  expect((await stopped.ended).code).not.toBe(0);
  expect(readFileSync(file, "utf8")).toBe("before");
  writeFileSync(`${file}.partial-999999999`, "of a process that is gone");
  await kvasirOk(["export", file, "--all", ...flags.local], folder);
  expect(readFileSync(file, "utf8")).toMatch(/^\{"kvasir_export":1/);
  expect(readdirSync(folder.cwd).filter((name) => name.includes("partial"))).toEqual([]);
});

test.each(["local", "url"] as const)("a killed import is done by the next one, %s", async (way) => {
  const count = 20_000;
  const file = join(folder.cwd, `many-${way}.jsonl`);
  const lines = Array.from(
    { length: count },
    (_, index) => `{"key":"k${index}","value":"${"v".repeat(100)}"}\n`,
  );
  writeFileSync(file, lines.join(""));
  const args = ["import", file, "--create", `many-${way}`, "--json", ...flags[way]];
  const killed = KvasirProcess.launch(args, folder);
  const directory = way === "local" ? data : remote;
  const database = open(directory);
  try {
    // Killed as soon as another process sees an entry.
    const kv = database.namespace(`many-${way}`);
    while ((await kv.list({ limit: 1 })).keys.length === 0 && killed.isRunning)
      await new Promise(setImmediate);
    await killed.kill();
    const again = await run(args);
    expect(JSON.parse(again.stdout)).toMatchObject({ entries: count, refused: 0 });
    expect(await kv.count()).toBe(count);
  } finally {
    await database.close();
  }
});

test.each([
  ["local", []],
  ["url", ["--entries"]],
] as const)(
  "kv bulk put takes what kv bulk get prints, and refuses all for one bad item, %s %j",
  async (way, flag) => {
    const at = (name: string, content: string | Buffer) => {
      const file = join(folder.cwd, name);
      writeFileSync(file, content);
      return file;
    };
    const keys = at(`keys-${way}.json`, JSON.stringify([...ENTRIES.map(({ key }) => key), "missing"]));
    const id = await idOf(flags[way], "one");
    const got = await run(["kv", "bulk", "get", keys, "--namespace-id", id, ...flag, ...flags[way]]);
    if (flag.length === 0) {
      // Text as wrangler prints it; what is not text says so.
      expect(JSON.parse(got.stdout)).toMatchObject({
        "1": "integer-like",
        missing: null,
        bytes: { value: "/wD+Cg==", base64: true, expiration: Math.floor(FAR_MS / 1000), metadata: 7 },
      });
    }
    const title = `bulk-${way}`;
    await kvasirOk(["kv", "namespace", "create", title, ...flags[way]], folder);
    const target = ["--namespace-id", await idOf(flags[way], title), ...flags[way]];
    const bad = at("bad.json", '[{"key":"good","value":"1"},{"key":"bad","value":"a?","base64":true}]');
    expect(await run(["kv", "bulk", "put", bad, ...target])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/index 1 \(key "bad"\) is wrong.*not valid base64/),
    });
    const file = at(`got-${way}.json`, got.bytes);
    expect(await run(["kv", "bulk", "put", file, ...target])).toMatchObject({
      code: 0,
      stdout: "Success!\n",
    });
    const put = await contentsOf(way === "local" ? data : remote, title);
    const whole = EXPECTED.map((all) => ({
      ...all,
      expirationMs: all.expirationMs === null ? null : FAR_MS - 250,
    }));
    if (flag.length > 0) expect(put).toEqual(whole);
    else
      expect(put.map(({ key, value }) => [key, value])).toEqual(
        EXPECTED.map(({ key, value }) => [key, value]),
      );
  },
);
