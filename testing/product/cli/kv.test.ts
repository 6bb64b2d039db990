import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import type { LaunchOptions } from "../../harness/kvasir-process.js";
import { TOKEN } from "../../harness/running-api.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/** A folder with a config in which the commands of one test run, and access to its data. */
interface Place {
  readonly options: LaunchOptions;
}

const CONFIG = {
  name: "shop",
  kv_namespaces: [
    { binding: "ONE", id: "one" },
    { binding: "TWO", id: "two", preview_id: "two-preview" },
  ],
  env: { staging: { kv_namespaces: [{ binding: "ONE", id: "one-staging" }] } },
};

function folderWithConfig(): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(CONFIG));
  return folder;
}

const MODES: Record<string, () => Promise<Place>> = {
  "in the data directory": async () => {
    const cwd = folderWithConfig();
    await kvasirOk(["kv", "key", "delete", "x", "--binding", "ONE"], { cwd });
    return { options: { cwd } };
  },
  "in a data directory that a server has open": async () => {
    const cwd = folderWithConfig();
    await startKvasir(
      ["serve", "--no-auth", "--api-port", "0", "--data", join(cwd, ".kvasir"), "--port", "0"],
      {
        cwd: temporaryDirectory(),
      },
    );
    return { options: { cwd } };
  },
  "through a server's API": async () => {
    const cwd = folderWithConfig();
    const data = temporaryDirectory();
    const database = open(data);
    // The namespaces that `dev` would have created from the config.
    for (const id of ["one", "two", "two-preview", "one-staging"]) await database.catalog.ensure(id, id);
    await database.close();
    const server = await startKvasir(["serve", "--api-port", "0", "--data", data], {
      env: { KVASIR_TOKEN: TOKEN },
    });
    return { options: { cwd, env: { KVASIR_URL: server.api, KVASIR_TOKEN: TOKEN } } };
  },
};

describe.each(Object.entries(MODES))("kv %s", (_, open) => {
  test("namespaces are created, listed, renamed and deleted", async () => {
    const { options } = await open();
    const run = (...args: string[]) => kvasirOk(["kv", "namespace", ...args], options);
    const created = await run("create", "sessions");
    const [, id = ""] = /"id": "([0-9a-f]{32})"/.exec(created) ?? [];
    expect(created).toContain('"binding": "sessions"');
    const titles = async () =>
      (JSON.parse(await run("list")) as { id: string; title: string }[])
        .filter((namespace) => namespace.id === id)
        .map((namespace) => namespace.title);
    expect(await titles()).toEqual(["sessions"]);
    await run("rename", "sessions", "--new-name", "user sessions");
    expect(await titles()).toEqual(["user sessions"]);
    await run("rename", "--namespace-id", id, "--new-name", "sessions");
    const deleted = await run("delete", "sessions");
    expect(deleted).toContain("Using fallback value in non-interactive context: yes");
    expect(deleted).toContain(`Deleted KV namespace name: "sessions" (id: "${id}").`);
    expect(await titles()).toEqual([]);
  });

  test("a title that is taken, and a namespace that is not there, are named", async () => {
    const { options } = await open();
    await kvasirOk(["kv", "namespace", "create", "taken"], options);
    const again = await kvasir(["kv", "namespace", "create", "taken"], options);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toMatch(
      /^error: A namespace with the title "taken" already exists\. Choose another title/,
    );
    for (const args of [
      ["key", "get", "k"],
      ["key", "put", "k", "v"],
      ["key", "list"],
      ["key", "delete", "k"],
      ["namespace", "delete", "--skip-confirmation"],
    ]) {
      const { code, stderr, stdout } = await kvasir(
        ["kv", ...args, "--namespace-id", "0".repeat(32)],
        options,
      );
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: "" });
      expect(stderr).toMatch(
        /^error: There is no namespace with the id "0{32}"\. See `kvasir kv namespace list`/,
      );
    }
    const unknown = await kvasir(["kv", "namespace", "delete", "nobody"], options);
    expect(unknown.stderr).toMatch(/^error: There is no namespace with the title "nobody"\./);
  });

  test("--env and --preview make the title, as in wrangler", async () => {
    const { options } = await open();
    const out = await kvasirOk(
      ["kv", "namespace", "create", "cache", "--env", "staging", "--preview", "--json"],
      options,
    );
    expect(JSON.parse(out)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      title: "staging-cache_preview",
    });
  });

  test("a value comes back byte for byte", async () => {
    const { options } = await open();
    const cwd = options.cwd ?? "";
    const bytes = Buffer.from([0, 255, 13, 10, 0xc3, 0x28, 0, 1]);
    writeFileSync(join(cwd, "value.bin"), bytes);
    await kvasirOk(["kv", "key", "put", "bin", "--path", "value.bin", "--binding", "ONE"], options);
    expect((await kvasir(["kv", "key", "get", "bin", "--binding", "ONE"], options)).bytes).toEqual(bytes);
    const json = JSON.parse(
      await kvasirOk(["kv", "key", "get", "bin", "--binding", "ONE", "--json"], options),
    );
    expect(json).toEqual({ key: "bin", value: bytes.toString("base64"), base64: true });

    expect(await kvasirOk(["kv", "key", "put", "text", "héllo", "--binding", "ONE"], options)).toBe(
      'Writing the value "héllo" to key "text" on namespace binding: "ONE" (id: "one").\n',
    );
    expect(await kvasirOk(["kv", "key", "get", "text", "--binding", "ONE"], options)).toBe("héllo");
    expect(await kvasirOk(["kv", "key", "get", "text", "--text", "--namespace-id", "one"], options)).toBe(
      "héllo\n",
    );
    expect(
      JSON.parse(await kvasirOk(["kv", "key", "get", "text", "--binding", "ONE", "--json"], options)),
    ).toEqual({
      key: "text",
      value: "héllo",
    });
    await kvasirOk(["kv", "key", "put", "empty", "", "--binding", "ONE"], options);
    expect(await kvasirOk(["kv", "key", "get", "empty", "--binding", "ONE"], options)).toBe("");
  });

  test("a large value goes in and out whole", async () => {
    const { options } = await open();
    const bytes = Buffer.alloc(3_000_000, "0123456789");
    writeFileSync(join(options.cwd ?? "", "large"), bytes);
    await kvasirOk(["kv", "key", "put", "large", "--path", "large", "--binding", "ONE"], options);
    expect(
      (await kvasir(["kv", "key", "get", "large", "--binding", "ONE"], options)).bytes.equals(bytes),
    ).toBe(true);
  });

  test("keys of every kind are taken as they are", async () => {
    const { options } = await open();
    for (const key of ["a/b", "50%", "a b", "ü:😀", "?#", "-dash", "bulk/get", "1"]) {
      await kvasirOk(["kv", "key", "put", "--binding", "ONE", "--", key, `value of ${key}`], options);
      expect(await kvasirOk(["kv", "key", "get", "--binding", "ONE", "--", key], options)).toBe(
        `value of ${key}`,
      );
    }
    const long = await kvasir(["kv", "key", "put", "k".repeat(513), "v", "--binding", "ONE"], options);
    expect(long).toMatchObject({ code: 1, stdout: "" });
    expect(long.stderr).toMatch(/^error: .*513 exceeds key length limit of 512/);
  });

  test("expiry and metadata are kept, listed and checked", async () => {
    const { options } = await open();
    const expiration = Math.ceil(Date.now() / 1000) + 3600;
    const put = (...args: string[]) => kvasir(["kv", "key", "put", ...args, "--binding", "ONE"], options);
    expect((await put("a", "1", "--expiration", String(expiration), "--metadata", '{"n":1}')).code).toBe(0);
    expect((await put("b", "2", "--ttl", "60")).code).toBe(0);
    const list = JSON.parse(await kvasirOk(["kv", "key", "list", "--binding", "ONE"], options)) as object[];
    expect(list).toEqual([
      { name: "a", expiration, metadata: { n: 1 } },
      { name: "b", expiration: expect.any(Number) },
    ]);
    // Workers KV's put() ends in 2038; the API and wrangler take later times.
    expect((await put("d", "4", "--expiration", "4102444800")).code).toBe(0);
    const far = await kvasirOk(["kv", "key", "list", "--binding", "ONE", "--prefix", "d", "--json"], options);
    expect(JSON.parse(far)).toEqual([{ name: "d", expiration: 4102444800 }]);
    const short = await put("c", "3", "--ttl", "59");
    expect(short.code).toBe(1);
    expect(short.stderr).toMatch(
      /^error: Invalid expiration_ttl of 59\. Expiration TTL must be at least 60\./,
    );
    const past = await put("c", "3", "--expiration", "1");
    expect(past.stderr).toMatch(/^error: Invalid expiration of 1\./);
    const heavy = await put("c", "3", "--metadata", JSON.stringify({ m: "x".repeat(1100) }));
    expect(heavy.stderr).toMatch(/^error: Metadata length of \d+ exceeds limit of 1024/);
  });

  test("a key that is not there is an error for get, and nothing for delete", async () => {
    const { options } = await open();
    const get = await kvasir(["kv", "key", "get", "nobody", "--binding", "ONE"], options);
    expect(get).toMatchObject({ code: 1, stdout: "" });
    expect(get.stderr).toMatch(/^error: There is no key "nobody" in namespace binding: "ONE"/);
    expect(await kvasirOk(["kv", "key", "delete", "nobody", "--binding", "ONE"], options)).toBe(
      'Deleting the key "nobody" on namespace binding: "ONE" (id: "one").\n',
    );
  });

  test("list prints wrangler's JSON, past one page and by prefix", async () => {
    const { options } = await open();
    expect(await kvasirOk(["kv", "key", "list", "--binding", "ONE"], options)).toBe("[]\n");
    const names = Array.from({ length: 1205 }, (_, index) => `n${String(index).padStart(5, "0")}`);
    const entries = names.map((key) => ({ key, value: "v" }));
    writeFileSync(join(options.cwd ?? "", "entries.json"), JSON.stringify(entries));
    await kvasirOk(["kv", "bulk", "put", "entries.json", "--binding", "ONE"], options);
    const out = await kvasirOk(["kv", "key", "list", "--binding", "ONE"], options);
    expect(out).toBe(
      `${JSON.stringify(
        names.map((name) => ({ name })),
        null,
        2,
      )}\n`,
    );
    const some = await kvasirOk(
      ["kv", "key", "list", "--binding", "ONE", "--prefix", "n0001", "--json"],
      options,
    );
    expect(some).toBe(`${JSON.stringify(names.slice(10, 20).map((name) => ({ name })))}\n`);
  });

  test("bulk put, get and delete", async () => {
    const { options } = await open();
    const file = (name: string, content: unknown) => {
      writeFileSync(
        join(options.cwd ?? "", name),
        typeof content === "string" ? content : JSON.stringify(content),
      );
      return name;
    };
    const bulk = (...args: string[]) => kvasir(["kv", "bulk", ...args, "--binding", "ONE"], options);
    const entries = file("entries.json", [
      { key: "b", value: "1" },
      { key: "10", value: "aGk=", base64: true, metadata: { tag: "x" } },
      { key: "__proto__", value: "{}", expiration_ttl: 3600 },
    ]);
    expect(await bulk("put", entries)).toMatchObject({ code: 0, stdout: "Success!\n" });
    const keys = file("keys.json", ["b", { name: "10" }, "__proto__", "nobody"]);
    expect(await bulk("get", keys)).toMatchObject({
      code: 0,
      stdout: '{\n  "b": "1",\n  "10": "hi",\n  "__proto__": "{}",\n  "nobody": null\n}\n',
    });
    const deleted = await bulk("delete", keys);
    expect(deleted.stdout).toMatch(/delete all the keys read from "keys\.json".*\n.*yes\nSuccess!\n$/s);
    expect(await bulk("delete", keys, "--force")).toMatchObject({ code: 0, stdout: "Success!\n" });
    expect(await kvasirOk(["kv", "key", "list", "--binding", "ONE"], options)).toBe("[]\n");

    expect((await bulk("put", file("bad.json", "{"))).stderr).toMatch(/^error: bad\.json is not JSON/);
    expect((await bulk("put", file("bad.json", [{ key: "a" }]))).stderr).toMatch(
      /index 0 is wrong.*must hold an array of/,
    );
    expect((await bulk("get", file("bad.json", [1]))).stderr).toMatch(/index 0 is wrong.*array of keys/);
    const notBase64 = file("bad.json", [{ key: "a", value: "a?", base64: true }]);
    expect((await bulk("put", notBase64)).stderr).toMatch(/index 0 \(key "a"\) is wrong.*not valid base64/);
    const mixed = file("mixed.json", [
      { key: "good", value: "1" },
      { key: "bad", value: "1", expiration_ttl: 1 },
    ]);
    expect((await bulk("put", mixed)).stderr).toMatch(/^error: .*expiration_ttl of 1/);
    expect(await kvasirOk(["kv", "key", "list", "--binding", "ONE"], options)).toBe("[]\n");
  });

  test("--preview chooses between a binding's two ids, --env its environment", async () => {
    const { options } = await open();
    const undecided = await kvasir(["kv", "key", "put", "k", "v", "--binding", "TWO"], options);
    expect(undecided.stderr).toMatch(
      /has both an id and a preview_id\. Say which: --preview, or --preview false/,
    );
    const put = (value: string, ...flags: string[]) =>
      kvasirOk(["kv", "key", "put", "k", value, ...flags], options);
    await put("live", "--binding", "TWO", "--preview", "false");
    await put("preview", "--preview", "--binding", "TWO");
    await put("staging", "--binding", "ONE", "--env", "staging");
    const get = (...flags: string[]) => kvasirOk(["kv", "key", "get", "k", ...flags], options);
    expect(await get("--binding", "TWO")).toBe("live");
    expect(await get("--binding", "TWO", "--preview")).toBe("preview");
    expect(await get("--namespace-id", "two-preview")).toBe("preview");
    expect(await get("-e", "staging", "--binding", "ONE")).toBe("staging");
    const none = await kvasir(["kv", "key", "get", "k", "--binding", "ONE", "--preview"], options);
    expect(none.stderr).toMatch(/has no preview_id/);
    const unknown = await kvasir(["kv", "key", "get", "k", "--binding", "THREE"], options);
    expect(unknown.stderr).toMatch(/has no KV binding "THREE"\. It has ONE, TWO\./);
  });
});

test("data lies beside the nearest config, wherever below it the command runs", async () => {
  const cwd = folderWithConfig();
  const below = join(cwd, "src");
  mkdirSync(below);
  await kvasirOk(["kv", "key", "put", "k", "v", "--binding", "ONE"], { cwd: below });
  const args = ["kv", "key", "get", "k", "--namespace-id", "one", "--data", join(cwd, ".kvasir")];
  expect(await kvasirOk(args, { cwd: temporaryDirectory() })).toBe("v");
});

test("reading makes no data directory", async () => {
  const cwd = temporaryDirectory();
  expect((await kvasir(["kv", "namespace", "list"], { cwd })).stderr).toMatch(
    /There is no data in .*\.kvasir/,
  );
  expect((await kvasir(["token", "list"], { cwd })).code).toBe(1);
});

test("--local opens the data directory although KVASIR_URL is set", async () => {
  const cwd = folderWithConfig();
  const env = { KVASIR_URL: "http://127.0.0.1:1" };
  await kvasirOk(["kv", "key", "put", "k", "v", "--binding", "ONE", "--local"], { cwd, env });
  expect(await kvasirOk(["kv", "key", "get", "k", "--binding", "ONE"], { cwd })).toBe("v");
});
