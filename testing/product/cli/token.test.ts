import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock, open } from "@kvasir/store";
import { expect, test } from "vitest";
import { createToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const NAMESPACES = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces`;

async function statusOf(url: string, token: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(url, { ...init, headers: { authorization: `Bearer ${token}` } })).status;
}

test("a running server accepts a token as soon as it is made, and refuses it as soon as it is revoked", async () => {
  const data = temporaryDirectory();
  const server = await startKvasir(["serve", "--api-port", "0", "--data", data, "--workers", "2"], {
    env: { KVASIR_TOKEN: "the-admin-secret" },
  });
  const url = `${server.api}${NAMESPACES}`;
  expect(await statusOf(url, "the-admin-secret")).toBe(200);
  expect(await statusOf(url, "nonsense")).toBe(401);
  for (let round = 0; round < 5; round++) {
    const out = await kvasirOk([
      "token",
      "create",
      "--scope",
      "read",
      "--name",
      "test",
      "--json",
      "--data",
      data,
    ]);
    const { token, id } = JSON.parse(out) as { token: string; id: string };
    // Covers both workers, because they take turns with connections.
    const statuses = () => Promise.all([0, 1, 2, 3].map(() => statusOf(url, token)));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect(await statusOf(url, token, { method: "POST", body: '{"title":"x"}' })).toBe(403);
    await kvasirOk(["token", "revoke", id, "--data", data]);
    expect(await statuses()).toEqual([401, 401, 401, 401]);
  }
});

test("tokens are managed through a server too, by an admin token only", async () => {
  const data = temporaryDirectory();
  const server = await startKvasir(["serve", "--api-port", "0", "--data", data], {
    env: { KVASIR_TOKEN: "the-admin-secret" },
  });
  const env = { KVASIR_URL: server.api, KVASIR_TOKEN: "the-admin-secret" };
  const created = await kvasir(
    ["token", "create", "--scope", "write", "--namespace", "one", "--namespace", "two", "--expires", "30d"],
    { env },
  );
  expect(created.code).toBe(0);
  // stdout has only the token, so that a script can read it from there.
  const token = created.stdout.trim();
  expect(created.stdout).toBe(`${token}\n`);
  expect(created.stderr).toMatch(/^Token [0-9a-f]{32} \(write\)/);

  const list = async (extra: readonly string[] = []) => kvasirOk(["token", "list", "--json", ...extra]);
  const [record] = JSON.parse(await list(["--data", data])) as { id: string; expiresMs: number }[];
  expect(record).toMatchObject({ scope: "write", namespaces: ["one", "two"] });
  expect((record?.expiresMs ?? 0) - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
  expect(JSON.parse(await kvasirOk(["token", "list", "--json"], { env }))).toEqual([record]);
  const table = await kvasirOk(["token", "list"], { env });
  expect(table).toMatch(/^ID +SCOPE +NAMESPACES +CREATED +EXPIRES +NAME\n[0-9a-f]{32} +write +one,two /);
  expect(table).not.toContain(token);

  const small = { ...env, KVASIR_TOKEN: token };
  const refused = await kvasir(["token", "list"], { env: small });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^error: This token does not allow that\. Set KVASIR_TOKEN/);
  const unknown = await kvasir(["token", "list"], { env: { ...env, KVASIR_TOKEN: "nonsense" } });
  expect(unknown.stderr).toMatch(/refuses this token: This API token is unknown or was revoked/);
  const none = await kvasir(["token", "list"], { env: { KVASIR_URL: server.api } });
  expect(none.stderr).toMatch(/needs a token\. Set KVASIR_TOKEN/);

  expect(await kvasirOk(["token", "revoke", record?.id ?? ""], { env })).toBe(
    `Revoked the token ${record?.id}.\n`,
  );
  for (const options of [{ env }, { cwd: temporaryDirectory() }]) {
    const args = ["token", "revoke", "f".repeat(32), ...("env" in options ? [] : ["--data", data])];
    const again = await kvasir(args, options);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^error: There is no token with the id "f{32}"\. See `kvasir token list`/);
  }
});

test("a token that has expired is shown so, and is refused", async () => {
  const data = temporaryDirectory();
  const server = await startKvasir(["serve", "--api-port", "0", "--data", data], {
    env: { KVASIR_TOKEN: "secret" },
  });
  // Made an hour ago, valid for a minute.
  const database = open(data, { clock: new FakeClock(Date.now() - 3_600_000) });
  const { store, clock } = database;
  const { token } = await createToken(store, { scope: "read", expiresMs: clock.nowMs() + 60_000, clock });
  await database.close();
  expect(await statusOf(`${server.api}${NAMESPACES}`, token)).toBe(401);
  expect(await kvasirOk(["token", "list", "--data", data])).toMatch(/ expired/);
  const env = { KVASIR_URL: server.api, KVASIR_TOKEN: token };
  expect((await kvasir(["kv", "namespace", "list"], { env })).stderr).toMatch(
    /refuses this token: This API token expired at \d{4}-\d\d-\d\dT/,
  );
});

test("a token for a namespace that is not there is created with a warning", async () => {
  const data = temporaryDirectory();
  const created = await kvasir(["token", "create", "--namespace", "nope", "--data", data]);
  expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
  expect(created.stderr).toContain("There is no namespace nope yet.");
  const { id } = JSON.parse(
    await kvasirOk(["kv", "namespace", "create", "there", "--data", data, "--json"]),
  ) as { id: string };
  const known = await kvasir(["token", "create", "--namespace", id, "--data", data]);
  expect(known.stderr).not.toContain("There is no namespace");
});

test("what is on disk is not the token", async () => {
  const data = temporaryDirectory();
  const token = (await kvasirOk(["token", "create", "--data", data])).trim();
  const { readFile, readdir } = await import("node:fs/promises");
  const files = await readdir(data, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    expect((await readFile(join(file.parentPath, file.name))).includes(token)).toBe(false);
  }
});

test("--token-file gives serve its admin token, and the commands the one to send", async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "token"), "from-a-file\n");
  const server = await startKvasir(["serve", "--token-file", "token", "--api-port", "0"], { cwd });
  const remote = ["--url", server.api, "--token-file", "token"];
  await kvasirOk(["kv", "namespace", "create", "made", ...remote], { cwd });
  const env = { KVASIR_URL: server.api, KVASIR_TOKEN_FILE: "token" };
  expect(await kvasirOk(["kv", "namespace", "list"], { cwd, env })).toContain("made");
});

test.each([
  ["absent", {}, /absent does not exist/],
  ["empty", {}, /empty is empty/],
  ["token", { KVASIR_TOKEN: "another" }, /both give a token/],
])("--token-file %s is refused in one sentence", async (file, env, message) => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "empty"), "\n");
  writeFileSync(join(cwd, "token"), "from-a-file");
  const { code, stderr } = await kvasir(["serve", "--token-file", file, "--api-port", "0"], { cwd, env });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
