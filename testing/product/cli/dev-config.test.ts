import { join } from "node:path";
import { expect, test } from "vitest";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import { temporaryProject } from "../../harness/temporary-directory.js";

const FREE_PORTS = ["--port", "0", "--api-port", "0"];

const SHOW = `export default {
  async fetch(request, env) {
    return Response.json({ a: env.A, b: env.B, secret: env.S, kv: env["my-kv"] && (await env["my-kv"].get("k")) });
  },
};`;

const shown = async (url: string | undefined) => await (await fetch(url ?? "")).json();

test("dev runs a named file with the config beside it, wrangler's flags, and lists what is bound", async () => {
  const cwd = temporaryProject({
    "wrangler.json": JSON.stringify({
      name: "app",
      main: "dist/not-built.js",
      dev: { port: 0 },
      vars: { A: "from the config", B: "b" },
      kv_namespaces: [{ binding: "my-kv", id: "prod", preview_id: "preview" }],
      kv_namespace: [],
    }),
    ".dev.vars": "S=hush",
    "src/index.js": SHOW,
  });
  const put = ["kv", "key", "put", "k", "--binding", "my-kv"];
  await kvasirOk([...put, "from prod", "--preview", "false"], { cwd });
  await kvasirOk([...put, "from preview", "--preview"], { cwd });

  const dev = await startKvasir(["dev", "src/index.js", "--api-port", "0", "--var", "B:x:y"], { cwd });
  expect(await shown(dev.functions)).toEqual({
    a: "from the config",
    b: "x:y",
    secret: "hush",
    kv: "from preview",
  });
  expect(await dev.stop()).toBe(0);
  const { stderr } = await dev.ended;
  expect(stderr).toContain("unexpected: kv_namespace (did you mean kv_namespaces?).");
  const table = stderr.split("\n").map((line) => line.trimEnd().replace(/ {2,}/, " | "));
  expect(table).toEqual(
    expect.arrayContaining([
      "app has access to the following bindings:",
      "Binding | Resource",
      "env.my-kv (preview) | KV Namespace",
      'env.A ("from the config") | Environment Variable',
      'env.B ("(hidden)") | Environment Variable',
      'env.S ("(hidden)") | Environment Variable',
    ]),
  );
});

test("commands find the data of functions that ran together, in the folder of each", async () => {
  const config = (name: string) =>
    JSON.stringify({ name, main: "w.js", kv_namespaces: [{ binding: "my-kv", id: "shared" }] });
  const cwd = temporaryProject({
    "shop/wrangler.json": config("shop"),
    "shop/w.js": SHOW,
    "admin/wrangler.json": config("admin"),
    "admin/w.js": SHOW,
  });
  const dev = await startKvasir(["dev", "shop", "admin", ...FREE_PORTS], { cwd });
  const put = ["kv", "key", "put", "k", "--binding", "my-kv"];
  await kvasirOk([...put, "by admin"], { cwd: join(cwd, "admin") });
  expect(await shown(`${dev.functions}/shop/`)).toMatchObject({ kv: "by admin" });
  expect(await dev.stop()).toBe(0);
  const get = ["kv", "key", "get", "k", "--binding", "my-kv", "--text"];
  expect(await kvasirOk(get, { cwd: join(cwd, "shop") })).toBe("by admin\n");
});

test("each flag of wrangler that dev lacks, and each mistake, is one sentence", async () => {
  const cwd = temporaryProject({ "wrangler.json": '{\n"main":"w.js",\n"kv_namespaces":"KV"}', "w.js": SHOW });
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--remote"], /^error: kvasir has no --remote: functions and their data stay on this machine\.\n$/],
    [["--tunnel"], /^error: kvasir has no --tunnel: it opens nothing to the internet\.\n$/],
    [
      ["--var", "A"],
      /^error: Option '--var <name:value>' argument 'A' is invalid\. It must have the form NAME:VALUE\./,
    ],
    [[], /^error: \S+wrangler\.json:3: kv_namespaces must be a list of namespaces\.\n$/],
    [["--config", "gone.json"], /^error: gone\.json does not exist\./],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await kvasir(["dev", ...args, ...FREE_PORTS], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
  }
});

test("kv key put stops reading at the limit of a value, and kv key get shows metadata", async () => {
  const cwd = temporaryProject({ "wrangler.json": '{"kv_namespaces":[{"binding":"KV"}]}' });
  const options = ["--binding", "KV"];
  const endless = await kvasir(["kv", "key", "put", "k", "--path", "/dev/zero", ...options], { cwd });
  expect(endless).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/\/dev\/zero has more than 26214400 bytes/),
  });
  await kvasirOk(["kv", "key", "put", "k", "v", "--metadata", '{"by":"ada"}', ...options], { cwd });
  expect(await kvasirOk(["kv", "key", "get", "k", "--metadata", ...options], { cwd })).toBe('{"by":"ada"}\n');
});
