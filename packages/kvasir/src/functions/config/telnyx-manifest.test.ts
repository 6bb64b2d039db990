import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWorkerConfig } from "./worker-config.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-manifest-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe("a Telnyx manifest", () => {
  it("names the function, its namespaces and its variables", () => {
    write({
      "handler.py": "",
      "func.toml": `[edge_compute]
func_id = "f-1"
func_name = "sessions"
[storage.kv.MY_CACHE]
id = "6F1C2A90-0000-4000-8000-00000000000a"
[storage.kv.OLD]
id = "old-ones"
value_encoding = "envelope"
[env_vars]
GREETING = "hello"
[telnyx]
binding = "TELNYX"
`,
    });
    expect(readWorkerConfig(folder)).toMatchObject({
      name: "sessions",
      main: join(folder, "handler.py"),
      configPath: join(folder, "func.toml"),
      kvNamespaces: [
        { binding: "MY_CACHE", id: "6f1c2a9000004000800000000000000a", title: "sessions-my-cache" },
        { binding: "OLD", id: "old-ones", valueEncoding: "envelope" },
      ],
      telnyxBinding: "TELNYX",
      vars: { GREETING: "hello" },
    });
  });

  it("may be a telnyx.toml with a name and a main", () => {
    write({ "telnyx.toml": 'name = "shop"\nmain = "src/app.ts"\n', "src/app.ts": "" });
    expect(readWorkerConfig(folder)).toMatchObject({ name: "shop", main: join(folder, "src/app.ts") });
  });

  it("gives a binding without an id one that stays the same", () => {
    write({ "func.toml": "[storage.kv.FLAGS]\n", "flags.go": "" });
    const [first] = readWorkerConfig(folder).kvNamespaces;
    expect(first?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(readWorkerConfig(folder).kvNamespaces).toEqual([first]);
  });

  it("is taken for a function file beside it, and is nearer than a wrangler config above", () => {
    write({
      "wrangler.jsonc": "{}",
      "fn/func.toml": '[edge_compute]\nfunc_name = "near"\n',
      "fn/func.py": "",
    });
    expect(readWorkerConfig(join(folder, "fn/func.py")).name).toBe("near");
    expect(readWorkerConfig(join(folder, "fn")).name).toBe("near");
  });

  it("names the folder's function where it names none", () => {
    write({ "func.toml": "", "function/func.py": "" });
    expect(readWorkerConfig(folder)).toMatchObject({
      name: basename(folder),
      main: join(folder, "function/func.py"),
    });
  });

  it.each([
    ["[edge_compute]\nfunc_name = 3", /func\.toml: edge_compute\.func_name must be a string/],
    ['[storage.kv."my cache"]', /storage\.kv\.my cache must be a name of letters, digits/],
    ['[storage.kv.A]\nid = "no spaces please"', /storage\.kv\.A\.id must be the id of a namespace/],
    ['[storage.kv.A]\nvalue_encoding = "xml"', /value_encoding must be "raw" or "envelope"/],
    ["[storage]\nkv = 3", /storage\.kv must hold tables/],
    ["[env_vars]\nRETRIES = 3", /env_vars\.RETRIES must be a string, in quotes/],
    ["[edge_compute\n", /func\.toml:1:\d+: this is not TOML/],
    ['main = "nowhere.py"', /main is .*nowhere\.py, which does not exist/],
  ])("is refused with file and key: %s", (text, message) => {
    write({ "func.toml": text, "handler.py": "" });
    expect(() => readWorkerConfig(folder)).toThrow(message);
  });

  it("asks which file it means when several could be it", () => {
    write({ "func.toml": "", "a.py": "", "b.go": "" });
    expect(() => readWorkerConfig(folder)).toThrow(/several files.*a\.py, b\.go/);
  });

  it.each([
    [
      '[storage.sqldb.DB]\nid = "1"\n[secrets]\nA = "b"\n[[actors]]\nname = "A"\n',
      "not supported: storage.sqldb, secrets, actors. Code that uses such a binding finds it undefined.",
    ],
    ['[storage.kvs.A]\nid = "1"\n', "unexpected: storage.kvs (did you mean kv?)."],
    [
      '[storage.kv.A]\nvalue_encodng = "raw"\n',
      "unexpected: storage.kv.A.value_encodng (did you mean value_encoding?).",
    ],
    ['[edge_compute]\nfunc_nam = "a"\n', "unexpected: edge_compute.func_nam (did you mean func_name?)."],
    ['[env_var]\nA = "b"\nmemory = 3\n', "unexpected: env_var (did you mean env_vars?)."],
    ["[triggers]\ncrons = []\n", "unexpected: triggers."],
    ['mian = "a.py"\n', "unexpected: mian (did you mean main?)."],
  ])("names keys without effect in one warning: %s", (text, warning) => {
    write({ "func.toml": text, "a.py": "" });
    expect(readWorkerConfig(folder).warnings).toEqual([
      `${join(folder, "func.toml")}: some keys of this config have no effect.\n  ${warning}`,
    ]);
  });

  it("has no warning for the keys of Telnyx", () => {
    const text =
      '[edge_compute]\nfunc_id = "1"\nfunc_name = "a"\n[env_vars]\nANY = "b"\n[telnyx]\nbinding = "T"\n';
    write({ "func.toml": text, "a.py": "" });
    expect(readWorkerConfig(folder).warnings).toEqual([]);
  });
});
