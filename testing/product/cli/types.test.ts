import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { LIST_OPTIONS, namespaceMethods } from "@kvasir/client/namespace";
import { expect, test } from "vitest";
import { NODE_MODULES } from "../../harness/checkout.js";
import { kvasir, kvasirOk } from "../../harness/command.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const CONFIG = `{
  // Comments are fine.
  "name": "typed",
  "main": "src/index.ts",
  "kv_namespaces": [{ "binding": "LINKS", "id": "a" }, { "binding": "TWO", "id": "b" }],
  "vars": { "TITLE": "hello", "LIMITS": { "n": 1, "list": [1, "a"] }, "it's": true },
  "env": {
    "prod": { "kv_namespaces": [{ "binding": "LINKS", "id": "p" }], "vars": { "TITLE": "live" } }
  },
}`;

function project(): string {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "wrangler.jsonc"), CONFIG);
  writeFileSync(join(cwd, ".dev.vars"), "SECRET=1\n");
  mkdirSync(join(cwd, "src"));
  writeFileSync(join(cwd, "src/index.ts"), "export default { fetch: () => new Response() };\n");
  return cwd;
}

const USES_EVERY_EXTENSION = `
export async function use(env: Env, signal: AbortSignal): Promise<unknown> {
  const title: "hello" | "live" = env.TITLE;
  const secret: string = env.SECRET;
  const kv: KVNamespace = env.LINKS;
  const { ok } = await kv.put(title, secret, { ifAbsent: true, expirationTtl: 60, metadata: { a: 1 } });
  const { version } = await kv.put(title, secret, { ifVersion: 1 });
  const read = await kv.getWithMetadata<{ a: number }>("a", { version: true });
  const typed = await kv.getWithMetadata<number[]>("a", { type: "json", version: true, cacheTtl: 60 });
  const numbers: [number | null, number | null, number | null] = [version, read.version, typed.version];
  const texts: (string | null | undefined)[] = [read.value, typed.value?.join(), read.cacheStatus];
  const deleted: { ok: boolean } = await kv.delete("a", { ifVersion: 1 });
  const visits: number = await kv.increment("visits", 2, { expirationTtl: 60 });
  const touched: number | null = (await kv.touch("a", { expiration: 2_000_000_000 })).version;
  const page = await kv.list<{ a: number }>({
    prefix: "a", limit: 10, cursor: null, values: true, versions: true, reverse: true, start: "a", end: "b",
  });
  for (const key of page.keys) texts.push(key.name, key.value, String(key.version), String(key.damaged));
  if (!page.list_complete) texts.push(page.cursor);
  const count: number = (await kv.count({ prefix: "a" })) + (await kv.deletePrefix("a", { dryRun: true }));
  await kv.deletePrefix("", { all: true });
  const changes = kv.watch({ prefix: "a", since: await kv.position(), signal });
  for await (const change of changes) texts.push(change.type, change.key, change.position);
  const batch = kv.atomic().check("a", null).put("a", "1", { ifAbsent: true }).increment("n").delete("b");
  const committed = await batch.commit();
  const at: number | null = committed.ok ? committed.version : null;
  return [ok, numbers, deleted, visits, touched, count, at, texts];
}
`;

test("the program below uses every method and every option of a list that Kvasir adds", () => {
  const added = namespaceMethods().filter((name) => !["get", "list", "getWithMetadata"].includes(name));
  for (const name of added) expect(USES_EVERY_EXTENSION).toContain(`.${name}(`);
  for (const name of Object.keys(LIST_OPTIONS)) expect(USES_EVERY_EXTENSION).toContain(`${name}: `);
});

test("types declares bindings and vars of all environments, in wrangler's shape", async () => {
  const cwd = project();
  await kvasirOk(["types"], { cwd });
  const text = readFileSync(join(cwd, "worker-configuration.d.ts"), "utf8");
  for (const line of [
    "interface __BaseEnv_Env {",
    "\tLINKS: KVNamespace;",
    "\tTWO?: KVNamespace;",
    '\tTITLE: "hello" | "live";',
    '\tLIMITS?: {"n":1,"list":[1,"a"]};',
    '\t"it\'s"?: true;',
    "\tSECRET: string;",
    "declare namespace Cloudflare {",
    '\t\tmainModule: typeof import("./src/index");',
    "\tinterface ProdEnv {",
    '\t\tTITLE: "live";',
    "\tinterface Env extends __BaseEnv_Env {}",
    "interface Env extends __BaseEnv_Env {}",
    'declare module "*.html" {',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});

test("--env declares that environment alone, --env-interface names the interface", async () => {
  const cwd = project();
  await kvasirOk(["types", "env.d.ts", "--env", "prod", "--env-interface", "Bindings"], { cwd });
  const text = readFileSync(join(cwd, "env.d.ts"), "utf8");
  expect(text).toContain('\tTITLE: "live";');
  expect(text).not.toContain("TWO");
  expect(text).toContain("interface Bindings extends __BaseEnv_Bindings {}");
});

test("TypeScript takes the declarations, alone and beside Cloudflare's types", async () => {
  const cwd = project();
  await kvasirOk(["types"], { cwd });
  writeFileSync(join(cwd, "use.ts"), USES_EVERY_EXTENSION);
  writeFileSync(
    join(cwd, "use-cloudflare.ts"),
    `export async function read(env: Env): Promise<string | null> {
      await env.LINKS.put("k", "v", { expirationTtl: 60 });
      return env.LINKS.get("k");
    }\n`,
  );
  const tsc = (types: string[], files: string[]) => {
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: "ES2022",
      module: "ESNext",
      moduleResolution: "Bundler",
    };
    const typeRoots = [NODE_MODULES];
    const tsconfig = {
      compilerOptions: {
        ...options,
        lib: types.length > 0 ? ["ES2023"] : ["ES2023", "DOM"],
        types,
        typeRoots,
      },
      files: [...files, "worker-configuration.d.ts"],
    };
    writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify(tsconfig));
    return promisify(execFile)(process.execPath, [join(NODE_MODULES, "typescript/bin/tsc"), "-p", cwd]).catch(
      (error: { stdout: string }) => Promise.reject(new Error(error.stdout)),
    );
  };
  await tsc([], ["use.ts"]);
  await tsc(["@cloudflare/workers-types"], ["use.ts", "use-cloudflare.ts"]);
});

test("--check tells whether the file is up to date", async () => {
  const cwd = project();
  const stale = await kvasir(["types", "--check"], { cwd });
  expect(stale.code).toBe(1);
  expect(stale.stderr).toMatch(/is not up to date\. Run `kvasir types`\./);
  await kvasirOk(["types"], { cwd });
  await kvasirOk(["types", "--check"], { cwd });
  writeFileSync(join(cwd, "wrangler.jsonc"), CONFIG.replace("hello", "goodbye"));
  expect((await kvasir(["types", "--check"], { cwd })).code).toBe(1);
});

test("a config that is wrong is refused with the place", async () => {
  const cwd = project();
  writeFileSync(join(cwd, "wrangler.jsonc"), '{\n  "name": 1\n}');
  const { code, stderr } = await kvasir(["types"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*wrangler\.jsonc:2: name /);
  expect((await kvasir(["types", "env.ts"], { cwd })).stderr).toMatch(/is not a declaration file/);
});
