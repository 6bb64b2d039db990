import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWorkerConfig } from "./worker-config.js";
import { newestCompatibilityDate } from "./workerd-package.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kvasir-config-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const read = (path = ".", env?: string, processEnv: Record<string, string> = {}) =>
  readWorkerConfig(join(root, path), { env, processEnv });

const FULL = {
  name: "api",
  main: "src/index.ts",
  compatibility_date: "2026-01-31",
  compatibility_flags: ["nodejs_compat"],
  kv_namespaces: [{ binding: "CACHE", id: "abc123", preview_id: "def456" }, { binding: "PLAIN" }],
  vars: { TEXT: "a", LIMITS: { max: 3 } },
  rules: [{ type: "Text", globs: ["**/*.md"] }],
  env: {
    staging: { vars: { TEXT: "b" } },
    named: { name: "other", kv_namespaces: [{ binding: "CACHE", id: "zz" }] },
  },
};

describe("readWorkerConfig", () => {
  it("reads the same settings from JSON with comments and from TOML", () => {
    write({
      "json/wrangler.jsonc": `// a comment\n${JSON.stringify(FULL).replace(/}$/, ",}")}`,
      "json/src/index.ts": "",
      "toml/src/index.ts": "",
      "toml/wrangler.toml": `
name = "api"
main = "src/index.ts"
compatibility_date = "2026-01-31"
compatibility_flags = ["nodejs_compat"]
rules = [{ type = "Text", globs = ["**/*.md"] }]
[vars]
TEXT = "a"
LIMITS = { max = 3 }
[[kv_namespaces]]
binding = "CACHE"
id = "abc123"
preview_id = "def456"
[[kv_namespaces]]
binding = "PLAIN"
[env.staging.vars]
TEXT = "b"
`,
    });
    for (const folder of ["json", "toml"]) {
      expect(read(folder)).toMatchObject({
        name: "api",
        main: join(root, folder, "src/index.ts"),
        compatibilityDate: "2026-01-31",
        compatibilityFlags: ["nodejs_compat"],
        kvNamespaces: [
          { binding: "CACHE", id: "abc123", previewId: "def456" },
          { binding: "PLAIN", id: "PLAIN", previewId: undefined },
        ],
        vars: { TEXT: "a", LIMITS: { max: 3 } },
        rules: [{ type: "Text", globs: ["**/*.md"] }],
        warnings: [],
      });
    }
  });

  it("lets an environment inherit everything but bindings and vars, and name itself", () => {
    write({ "wrangler.json": JSON.stringify(FULL), "src/index.ts": "" });
    expect(read(".", "staging")).toMatchObject({
      name: "api-staging",
      main: join(root, "src/index.ts"),
      compatibilityFlags: ["nodejs_compat"],
      kvNamespaces: [],
      vars: { TEXT: "b" },
    });
    expect(read(".", "named")).toMatchObject({ name: "other", vars: {}, kvNamespaces: [{ id: "zz" }] });
    expect(read(".", undefined, { CLOUDFLARE_ENV: "staging" }).name).toBe("api-staging");
    expect(() => read(".", "prod")).toThrow(/wrangler\.json:1: there is no environment "prod"/);
  });

  it("prefers json to jsonc to toml, even when the json is a folder above", () => {
    write({ "wrangler.json": '{"name":"above"}', "in/wrangler.toml": 'name = "below"' });
    expect(read("in").name).toBe("above");
    write({ "in/wrangler.jsonc": '{"name":"jsonc"}' });
    expect(read("in").name).toBe("above");
    expect(read("in/wrangler.toml").name).toBe("below");
  });

  it("takes local variables from .dev.vars.<env>, else .dev.vars, else the .env files", () => {
    write({
      "wrangler.json": '{"vars":{"A":"config","B":{"n":1}},"env":{"dev":{}}}',
      ".env": "A=env\nC=env\n",
      ".env.local": "C=local",
      ".env.dev": "C=dev",
    });
    expect(read().vars).toEqual({ A: "env", B: { n: 1 }, C: "local" });
    expect(read(".", "dev").vars).toEqual({ A: "env", C: "dev" });
    expect(read(".", undefined, { CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false" }).vars).toEqual({
      A: "config",
      B: { n: 1 },
    });
    write({ ".dev.vars": 'A="dev vars"\n# comment\nD=1' });
    expect(read()).toMatchObject({ vars: { A: "dev vars", B: { n: 1 }, D: "1" }, localVarNames: ["A", "D"] });
    expect(read(".", "dev").vars).toEqual({ A: "dev vars", D: "1" });
    write({ ".dev.vars.dev": "A=for dev" });
    expect(read(".", "dev").vars).toEqual({ A: "for dev" });
  });

  it("loads only declared secrets when the config declares any", () => {
    write({
      "wrangler.json": '{"vars":{"A":"x"},"secrets":{"required":["S"]}}',
      ".dev.vars": "A=1\nS=2\nT=3",
    });
    expect(read().vars).toEqual({ A: "1", S: "2" });
  });

  it("runs a file without a config under the file's or the folder's name", () => {
    write({ "alone/hello.ts": "", "shop/src/index.js": "", ".dev.vars": "X=1" });
    expect(read("alone/hello.ts")).toMatchObject({ name: "hello", configPath: undefined, kvNamespaces: [] });
    expect(read("shop/src/index.js").name).toBe("shop");
    expect(read("alone/hello.ts").compatibilityDate).toBe(newestCompatibilityDate());
  });

  it("uses the config of the file's folder or of one above, whatever its main is", () => {
    write({
      "wrangler.json": '{"name":"app","main":"./src/index.ts","vars":{"A":"1"}}',
      "src/index.ts": "",
      "src/other.ts": "",
      "bare/wrangler.json": '{"name":"bare","vars":{"A":"2"}}',
      "bare/src/x.ts": "",
    });
    expect(read("src/index.ts")).toMatchObject({ name: "app", vars: { A: "1" } });
    const other = { name: "other", main: join(root, "src/other.ts"), vars: { A: "1" } };
    expect(read("src/other.ts")).toMatchObject(other);
    const bare = { name: "bare", main: join(root, "bare/src/x.ts"), vars: { A: "2" } };
    expect(read("bare/src/x.ts")).toMatchObject(bare);
    const overrides = { config: join(root, "bare/wrangler.json") };
    expect(readWorkerConfig(join(root, "src/other.ts"), { processEnv: {}, overrides })).toMatchObject({
      name: "bare",
      main: join(root, "src/other.ts"),
    });
  });

  it("takes the entry module of wrangler 1's sites", () => {
    write({
      "old/wrangler.toml": '[site]\nbucket = "public"\nentry-point = "worker"',
      "bare/wrangler.toml": '[site]\nbucket = "public"',
      "file/wrangler.toml": '[site]\nbucket = "public"\nentry-point = "w.js"',
    });
    expect(read("old").main).toBe(join(root, "old/worker/index.js"));
    expect(read("bare").main).toBe(join(root, "bare/workers-site/index.js"));
    expect(read("file").main).toBe(join(root, "file/w.js"));
  });

  it("needs no entry module to read bindings, and takes any name for them", () => {
    write({ "wrangler.json": '{"main":"dist/x.js","kv_namespaces":[{"binding":"my-kv","preview_id":"p"}]}' });
    expect(read().kvNamespaces).toEqual([{ binding: "my-kv", id: "p", previewId: "p" }]);
  });

  it("reads the config that a build tool wrote, with the local variables beside the user's", () => {
    write({
      "wrangler.json": '{"name":"user","main":"src/index.ts"}',
      ".wrangler/deploy/config.json": '{"configPath":"../../dist/app/wrangler.json"}',
      "dist/app/wrangler.json": '{"name":"built","main":"index.js","targetEnvironment":"staging"}',
      "dist/app/index.js": "",
      ".dev.vars": "A=1",
    });
    const built = { name: "built", main: join(root, "dist/app/index.js"), vars: { A: "1" }, warnings: [] };
    expect(read()).toMatchObject(built);
    expect(read(".", "staging")).toMatchObject(built);
    expect(read("wrangler.json").name).toBe("user");
    write({ ".wrangler/deploy/config.json": '{"configPath":"gone.json"}' });
    expect(() => read()).toThrow(/deploy\/config\.json leads to .*gone\.json, which does not exist/);
    write({ ".wrangler/deploy/config.json": "{}" });
    expect(() => read()).toThrow(/deploy\/config\.json names no configPath/);
  });

  it("reads the config that a build tool wrote where the user has none, from any folder of the project", () => {
    write({
      ".wrangler/deploy/config.json": '{"configPath":"../../.output/server/wrangler.json"}',
      ".output/server/wrangler.json":
        '{"name":"built","main":"index.mjs","kv_namespaces":[{"binding":"KV"}]}',
      ".output/server/index.mjs": "",
      "app/page.js": "",
      ".dev.vars": "A=1",
    });
    const built = { name: "built", main: join(root, ".output/server/index.mjs"), vars: { A: "1" } };
    expect(read()).toMatchObject(built);
    expect(read("app")).toMatchObject(built);
    // Commands without a path give the file that they found.
    expect(read(".wrangler/deploy/config.json")).toMatchObject(built);
  });

  it("expands references in .env files, but not in .dev.vars", () => {
    write({
      "wrangler.json": "{}",
      ".env": `HOST=a.example\nURL=http://\${HOST}:\${PORT:-80}/$X\nRAW=\\$HOST`,
    });
    expect(read().vars).toEqual({ HOST: "a.example", URL: "http://a.example:80/", RAW: "$HOST" });
    write({ ".dev.vars": `HOST=b\nURL=http://\${HOST}` });
    expect(read().vars).toEqual({ HOST: "b", URL: `http://\${HOST}` });
  });

  it("lets the command line win over the config and its files", () => {
    write({
      "wrangler.json": '{"name":"a","vars":{"A":"1","B":"2"},"define":{"X":"1","Y":"2"}}',
      ".dev.vars": "A=dev",
      "one.env": "A=one\nC=1",
      "two.env": "C=2",
    });
    const overrides = {
      vars: { B: "flag" },
      envFiles: ["one.env", "two.env", "no.env"],
      keys: { name: "b", compatibility_date: "2024-01-01" },
    };
    expect(readWorkerConfig(root, { processEnv: {}, overrides })).toMatchObject({
      name: "b",
      compatibilityDate: "2024-01-01",
      vars: { A: "one", B: "flag", C: "2" },
      warnings: [expect.stringMatching(/no\.env, which --env-file names, does not exist\./)],
    });
  });

  it("names required secrets that are missing, and takes them from the environment too", () => {
    write({ "wrangler.json": '{"secrets":{"required":["S","T"]}}' });
    const config = read(".", undefined, { S: "1", U: "2" });
    expect(config.vars).toEqual({ S: "1" });
    expect(config.warnings).toEqual([expect.stringMatching(/^Required secrets are missing: T\./)]);
  });

  it("runs with the top level where a config has no environments at all", () => {
    write({ "wrangler.json": '{"name":"a","vars":{"A":"1"}}', ".dev.vars.test": "B=2" });
    expect(read(".", "test")).toMatchObject({
      name: "a-test",
      vars: { A: "1", B: "2" },
      warnings: [
        expect.stringMatching(/there is no environment "test"; running with the settings of the top/),
      ],
    });
  });

  it("runs with the newest known compatibility date instead of a later one, and says so", () => {
    write({ "wrangler.json": '{\n"compatibility_date":"2999-01-01"}' });
    const config = read();
    expect(config.compatibilityDate).toBe(newestCompatibilityDate());
    expect(config.warnings).toEqual([
      expect.stringMatching(/wrangler\.json:2: compatibility_date 2999-01-01 is newer/),
    ]);
  });

  it("names in one warning what it does not support", () => {
    write({
      "wrangler.json":
        '{"r2_buckets":[{"binding":"B"}],"durable_objects":{"bindings":[]},"queues":{"producers":[]},"d1_databases":[{"binding":"D"}]}',
    });
    expect(read().warnings).toEqual([
      expect.stringMatching(/not supported: r2_buckets, d1_databases\. Calls/),
    ]);
  });

  it("lists the bindings of kinds that it does not have, except those that a variable replaces", () => {
    write({
      "wrangler.json": JSON.stringify({
        queues: { producers: [{ binding: "QUEUE", queue: "q" }], consumers: [{ queue: "q" }] },
        ai: { binding: "AI" },
        send_email: [{ name: "MAIL" }],
        analytics_engine_datasets: [{ binding: "POINTS" }],
        secrets_store_secrets: [{ binding: "STORED" }, { binding: "LOCAL" }],
        unsafe: {
          bindings: [
            { name: "LIMIT", type: "ratelimit", namespace_id: "1", simple: { limit: 1, period: 10 } },
            { name: "OTHER", type: "x" },
          ],
        },
        vectorize: "not a list",
        d1_databases: [{ binding: 1 }],
      }),
      ".dev.vars": "LOCAL=1",
    });
    const { unsupportedBindings, otherBindings, warnings } = read();
    expect(unsupportedBindings).toEqual([
      { name: "OTHER", kind: "Unsafe Metadata" },
      { name: "QUEUE", kind: "Queue" },
      { name: "AI", kind: "AI" },
      { name: "MAIL", kind: "Send Email" },
      { name: "POINTS", kind: "Analytics Engine Dataset" },
      { name: "STORED", kind: "Secrets Store Secret" },
    ]);
    expect(otherBindings).toContainEqual({ name: "QUEUE", kind: "Queue", target: "not supported" });
    expect(warnings.join()).toContain("analytics_engine_datasets. Data points are discarded.");
  });

  it("names each key without effect in one warning: unknown, unsupported, outdated, not inherited", () => {
    write({
      "wrangler.json": JSON.stringify({
        $schema: "node_modules/wrangler/config-schema.json",
        account_id: "a",
        workers_dev: true,
        observability: { enabled: true },
        kv_namespace: [],
        kv_namespaces: [{ bindng: "x", binding: "KV", remote: true }],
        compatability_date: "2026-01-01",
        xyz: 1,
        usage_model: "bundled",
        build: { upload: { format: "modules" } },
        vars: { A: "1" },
        ai: { binding: "AI" },
        r2_buckets: [],
        queues: { producers: [], consumers: [] },
        env: {
          staging: { vrs: {}, alias: {}, kv_namespaces: [], d1_databases: [{ binding: "D" }] },
          prod: { images: { binding: "I" } },
        },
      }),
    });
    const path = join(root, "wrangler.json");
    const unexpected =
      "unexpected: kv_namespace (did you mean kv_namespaces?), kv_namespaces[0].bindng (did you mean binding?), compatability_date (did you mean compatibility_date?), xyz, env.staging.vrs (did you mean vars?), env.staging.alias (it counts at the top level only).";
    const outdated = [
      "outdated: usage_model is gone from wrangler: remove it.",
      'outdated: build.upload is from wrangler 1: name the entry module with "main", and module rules with "rules".',
    ];
    const end = "Calls of such a binding fail.";
    expect(read().warnings[0]?.split("\n  ")).toEqual([
      `${path}: some keys of this config have no effect.`,
      "not supported: kv_namespaces[0].remote.",
      `not supported: ai. ${end}`,
      unexpected,
      ...outdated,
    ]);
    expect(read(".", "staging").warnings[0]?.split("\n  ")).toEqual([
      `${path}: some keys of this config have no effect.`,
      `not supported: env.staging.d1_databases. ${end}`,
      unexpected,
      ...outdated,
      "not inherited: vars, ai. They are at the top level, but not in env.staging: repeat them there.",
    ]);
  });

  it("says why keys of dev have no effect, and reads the others", () => {
    const dev = { ip: "::1", inspector_ip: "127.0.0.2", local_protocol: "https" };
    const ignored = { host: "example.com", upstream_protocol: "https", generate_types: true };
    write({ "wrangler.json": JSON.stringify({ dev: { ...dev, ...ignored } }) });
    const config = read();
    expect(config.dev).toMatchObject({ ip: "::1", inspectorHost: "127.0.0.2", localProtocol: "https" });
    const asSent = "functions receive the request as the client sent it";
    expect(config.warnings[0]?.split("\n  ").slice(1)).toEqual([
      `ignored: dev.host: ${asSent}.`,
      `ignored: dev.upstream_protocol: ${asSent}.`,
      "ignored: dev.generate_types: run `kvasir types`.",
    ]);
  });

  it("says nothing about the empty keys that build tools write", () => {
    write({
      "wrangler.json": JSON.stringify({
        dev: { ip: "localhost", local_protocol: "http", upstream_protocol: "http", generate_types: false },
        configPath: "x",
        userConfigPath: "x",
        topLevelName: "x",
        definedEnvironments: [],
        ai_search: [],
        cloudchamber: {},
        durable_objects: { bindings: [] },
        queues: { producers: [], consumers: [] },
        exports: {},
        logfwdr: { bindings: [] },
        python_modules: { exclude: ["**/*.pyc"] },
      }),
    });
    expect(read().warnings).toEqual([]);
  });

  it("makes a legal namespace id of what is none, always the same", () => {
    write({ "wrangler.json": '{"kv_namespaces":[{"binding":"A","id":"<your id>"},{"binding":"$KV"}]}' });
    const ids = read().kvNamespaces.map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
    expect(read().kvNamespaces.map(({ id }) => id)).toEqual(ids);
  });

  const wrong: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    [
      "a broken JSON",
      { "wrangler.json": '{\n  "name": "a"\n  "main": "b"\n}' },
      /wrangler\.json:3:3: this is not JSON: comma expected/,
    ],
    ["a broken TOML", { "wrangler.toml": 'name = "a"\nmain = \n' }, /wrangler\.toml:2:\d+: this is not TOML/],
    ["a wrong type", { "wrangler.json": '{\n"name": 5 }' }, /wrangler\.json:2: name must be a string/],
    [
      "a date without quotes in TOML",
      { "wrangler.toml": "[vars]\nSINCE = 2024-01-02T03:04:05Z\n" },
      /wrangler\.toml: vars\.SINCE must be text, not a TOML date: put it in quotes\./,
    ],
    [
      "a wrong type in a key that has no effect here",
      { "wrangler.json": '{\n"workers_dev": "yes" }' },
      /wrangler\.json:2: workers_dev must be true or false, and not "yes"\./,
    ],
    [
      "a wrong type in an environment",
      { "wrangler.json": '{"env":{"a":{\n"build": { "watch_dir": 5 } } } }' },
      /wrangler\.json:2: env\.a\.build\.watch_dir must be a string or a list of strings, and not 5\./,
    ],
    [
      "a missing binding name",
      { "wrangler.json": '{"kv_namespaces":[\n{"binding":"A"},\n{"id":"x"}]}' },
      /wrangler\.json:3: kv_namespaces\[1\]\.binding is missing/,
    ],
    [
      "a binding twice",
      { "wrangler.json": '{"kv_namespaces":[{"binding":"A"},{"binding":"A"}]}' },
      /two namespaces are bound to A/,
    ],
    [
      "a rate limit that lets nothing through",
      {
        "wrangler.json": '{"ratelimits":[{"name":"R","namespace_id":"1","simple":{"limit":0,"period":10}}]}',
      },
      /ratelimits\[0\]\.simple\.limit must be more than 0/,
    ],
    [
      "one name for a namespace and a variable",
      { "wrangler.json": '{"kv_namespaces":[{"binding":"A"}],"vars":{"A":"x"}}' },
      /wrangler\.json: A is bound twice, as KV Namespace and as Environment Variable\./,
    ],
    [
      "one name for bindings of kinds that are not there",
      { "wrangler.json": '{"r2_buckets":[{"binding":"A"}],"services":[{"binding":"A","service":"s"}]}' },
      /A is bound twice, as Worker and as R2 Bucket\./,
    ],
    [
      "a main that is not there",
      { "wrangler.json": '{"main":"nope.ts"}' },
      /main is .*nope\.ts, which does not exist/,
    ],
    ["a main that is a folder", { "wrangler.json": '{"main":"src"}', "src/x": "" }, /which is a folder/],
    ["a date that is none", { "wrangler.json": '{"compatibility_date":"today"}' }, /"today" is not a date/],
    ["no config", { "README.md": "" }, /There is no wrangler\.json, wrangler\.jsonc, wrangler\.toml/],
  ];
  it.each(wrong)("says what is wrong with %s", (_name, files, message) => {
    write(files);
    expect(() => readWorkerConfig(root, { processEnv: {}, needsMain: true })).toThrow(message);
  });

  it("says that a path does not exist, or is nothing to run", () => {
    write({ "notes.pdf": "" });
    expect(() => read("gone")).toThrow(/gone does not exist/);
    expect(() => read("notes.pdf")).toThrow(/neither a config nor a function/);
  });
});
