import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAdmin } from "@kvasir/client";
import { checkBackup, findBackup, open, restoreBackup, writeBackup } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { kvasir, kvasirOk } from "../../harness/command.js";
import { flipAt } from "../../harness/flip.js";
import { KvasirProcess, serve } from "../../harness/kvasir-process.js";
import { TOKEN } from "../../harness/running-api.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/** The data of a namespace with `entries` entries. */
async function dataWith(data: string, entries: number): Promise<string> {
  const database = open(data);
  const kv = database.namespace("one");
  for (let index = 0; index < entries; index++) await kv.put(`key ${index}`, `value ${index}`);
  const { id } = await database.catalog.ensureTitle("one");
  await database.close();
  return id;
}

async function valueIn(data: string, key: string): Promise<string | null> {
  const database = open(data);
  const value = await database.namespace("one").get(key);
  await database.close();
  return value;
}

const json = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("a single backup", () => {
  test("is restored with its ids and tokens, and says what it is", async () => {
    const folder = temporaryDirectory();
    const [data, backup, again] = ["data", "backup", "again"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const id = await dataWith(data, 3);
    const before = open(data);
    await before.store.records("tokens").put("hash", { id: "1" });
    await before.close();
    const [made] = json(await kvasirOk(["backup", backup, "--data", data, "--json"]));
    expect(made).toEqual({
      event: "backed-up",
      entries: 3,
      bytes: 21,
      skipped: 0,
      refused: 0,
      path: backup,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      position: expect.any(String),
      fileBytes: expect.any(Number),
      leftOut: [],
    });
    expect(await kvasirOk(["check", backup])).toBe(`${backup} is sound: 3 entries, 21 bytes of values.\n`);
    expect(readdirSync(backup).sort(), "a check leaves nothing").toEqual(["backup.json", "data.mdb"]);

    mkdirSync(again);
    writeFileSync(join(again, "mine.txt"), "mine");
    const [restored] = json(await kvasirOk(["restore", backup, "--data", again, "--json"]));
    const counts = { entries: 3, bytes: 21, skipped: 0, refused: 0 };
    expect(restored).toEqual({
      event: "restored",
      ...counts,
      at: made?.["at"],
      path: backup,
      directory: again,
    });
    expect(readFileSync(join(again, "mine.txt"), "utf8")).toBe("mine");
    const after = open(again);
    expect(await after.namespaceById(id).get("key 2")).toBe("value 2");
    expect(await after.catalog.find("one")).toMatchObject({ id });
    expect(await after.store.records("tokens").list()).toEqual([{ name: "hash", record: { id: "1" } }]);
    await after.close();

    const second = await kvasir(["backup", backup, "--data", data]);
    expect({ code: second.code, stderr: second.stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: There is something at .*backup already\. Give a path/),
    });
    const over = await kvasir(["restore", backup, "--data", data]);
    expect({ code: over.code, stderr: over.stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: .*data holds data already \(data\.mdb\)/),
    });
  });

  test("of another kind of folder is refused by what it is", async () => {
    const folder = temporaryDirectory();
    const empty = join(folder, "empty");
    mkdirSync(empty);
    for (const [args, text] of [
      [["backup", join(folder, "b"), "--data", empty], "There are no data in"],
      [
        ["restore", empty, "--data", join(folder, "x"), "--url", "http://127.0.0.1:1"],
        "A running server has data",
      ],
      [["serve", "--data", empty, "--keep", "3"], "--every and --keep are about backups"],
    ] as const) {
      const { code, stderr, stdout } = await kvasir(args);
      expect({ args, code, stderr, stdout }).toEqual({
        args,
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^error: .*${text}.*\n$`)),
        stdout: "",
      });
    }
    expect(readdirSync(folder)).toEqual(["empty"]);
  });

  test("that was damaged later is not restored, and the check names it", async () => {
    const folder = temporaryDirectory();
    const [data, backup] = [join(folder, "data"), join(folder, "backup")];
    await dataWith(data, 3);
    await kvasirOk(["backup", backup, "--data", data]);
    flipAt(join(backup, "data.mdb"), "value 1", 2);
    const checked = await kvasir(["check", backup, "--json"]);
    expect(checked.code).toBe(1);
    expect(json(checked.stdout).map(({ key, event }) => [event, key])).toEqual([
      ["problem", undefined],
      ["problem", "key 1"],
      ["checked", undefined],
    ]);
    const unread = ["bash", "-c", 'set -o pipefail; "$@" | true', "bash"];
    expect((await kvasir(["check", backup], { through: unread })).code).toBe(1);
    const { code, stderr } = await kvasir(["restore", backup, "--data", join(folder, "x")]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("have changed since it was made"),
    });
    expect(readdirSync(folder).sort()).toEqual(["backup", "data"]);
  });

  test("of damaged data is not made", async () => {
    const folder = temporaryDirectory();
    const data = join(folder, "data");
    await dataWith(data, 3);
    flipAt(join(data, "data.mdb"), "value 1", 2);
    const { code, stderr } = await kvasir(["backup", join(folder, "backup"), "--data", data]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: .*entry "key 1".*damaged/),
    });
    expect(readdirSync(folder)).toEqual(["data"]);
  });
});

describe("a ring", () => {
  test("is kept until a signal, and a time chooses from it", async () => {
    const folder = temporaryDirectory();
    const [data, ring] = [join(folder, "data"), join(folder, "ring")];
    await dataWith(data, 1);
    const running = KvasirProcess.launch([
      "backup",
      ring,
      "--every",
      "1s",
      "--keep",
      "2",
      "--data",
      data,
      "--json",
    ]);
    await running.line(/"entries":1,/);
    await dataWith(data, 2);
    await running.line(/"entries":2,/);
    await dataWith(data, 3);
    await running.line(/"entries":3,/);
    expect(await running.stop(), running.said).toBe(0);
    const made = running.lines.map(
      (line) => JSON.parse(line) as { entries: number; at: string; path: string },
    );
    expect(readdirSync(ring).map((name) => join(ring, name))).toEqual(made.slice(-2).map(({ path }) => path));

    const first = made.at(-2);
    const at = new Date(Date.parse(first?.at ?? "") + 1).toISOString();
    await kvasirOk(["restore", ring, "--at", at, "--data", join(folder, "then")]);
    expect(await valueIn(join(folder, "then"), `key ${(first?.entries ?? 0) - 1}`)).not.toBeNull();
    flipAt(join(made.at(-1)?.path ?? "", "data.mdb"), "value 0", 2);
    const checked = await kvasir(["check", ring]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(`${first?.path} is sound: `);
    expect(checked.stdout).toContain(`${made.at(-1)?.path} is damaged`);
  });

  test("is kept by a server of several processes, whose health and metrics tell its age", async () => {
    const folder = temporaryDirectory();
    const [data, ring] = [join(folder, "data"), join(folder, "ring")];
    await dataWith(data, 2);
    const server = serve(data, ["--workers", "2", "--backup", ring, "--every", "1h"]);
    try {
      const api = await server.ready();
      let last: { at: string | null; ageSeconds: number } | undefined;
      await expect
        .poll(
          async () => {
            const body = (await (await api.fetch("/healthz")).json()) as { lastBackup: typeof last };
            last = body.lastBackup;
            return last?.at;
          },
          { timeout: 20_000 },
        )
        .toEqual(expect.any(String));
      expect(last?.ageSeconds).toBeLessThan(60);
      expect(await (await api.fetch("/metrics")).text()).toMatch(/^kvasir_backup_age_seconds \d+$/m);
      expect(readdirSync(ring)).toHaveLength(1);
      expect(await server.stop(), server.said).toBe(0);
    } finally {
      await server.kill();
    }
    expect(await checkBackup(findBackup(ring))).toMatchObject({ entries: 2, problems: [] });
  });
});

test("a running server sends its data to commands and programs with an admin token alone", async () => {
  const folder = temporaryDirectory();
  const data = join(folder, "data");
  await dataWith(data, 2);
  const server = serve(data);
  try {
    const { url } = await server.ready();
    const env = (token: string) => ({ KVASIR_URL: url, KVASIR_TOKEN: token });
    const backup = join(folder, "backup");
    const [made] = json(await kvasirOk(["backup", backup, "--json"], { env: env(TOKEN) }));
    expect(made).toMatchObject({ event: "backed-up", entries: 2, bytes: 14 });
    expect((await checkBackup(backup)).problems).toEqual([]);
    expect(await kvasirOk(["check"], { env: env(TOKEN) })).toBe(
      `${url} is sound: 2 entries, 14 bytes of values.\n`,
    );

    const admin = connectAdmin({ url, token: TOKEN });
    const { token: read } = await admin.tokens.create({ scope: "read" });
    expect(await admin.data.check()).toMatchObject({ readable: true, entries: 2, problems: [] });
    const byProgram = join(folder, "by a program");
    await writeBackup(await admin.data.snapshot(), byProgram, { check: () => admin.data.check() });
    await restoreBackup(byProgram, join(folder, "restored"));
    expect(await valueIn(join(folder, "restored"), "key 1")).toBe("value 1");

    for (const [token, reason] of [
      ["wrong", "refuses this token"],
      [read, "does not allow that"],
      ["", "needs a token"],
    ] as const) {
      const refused = await kvasir(["backup", join(folder, "x")], { env: env(token) });
      expect({ code: refused.code, stderr: refused.stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^error: .*${reason}`)),
      });
    }
    expect((await kvasir(["check"], { env: env("wrong") })).code).toBe(2);
    flipAt(join(data, "data.mdb"), "value 1", 2);
    const damaged = await kvasir(["check", "--json"], { env: env(TOKEN) });
    expect(damaged.code).toBe(1);
    expect(json(damaged.stdout)[0]).toMatchObject({ event: "problem", key: "key 1" });
  } finally {
    await server.kill();
  }
});
