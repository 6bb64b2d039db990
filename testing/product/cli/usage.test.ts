import { expect, test } from "vitest";
import { kvasir } from "../../harness/command.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

const COMMANDS = [
  "dev",
  "serve",
  "types",
  "kv namespace create",
  "kv namespace list",
  "kv namespace rename",
  "kv namespace delete",
  "kv key put",
  "kv key get",
  "kv key list",
  "kv key delete",
  "kv bulk put",
  "kv bulk get",
  "kv bulk delete",
  "token create",
  "token list",
  "token revoke",
];

test.each(COMMANDS)("`%s --help` says what it does, its options and examples", async (command) => {
  const { code, stdout, stderr } = await kvasir([...command.split(" "), "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^Usage: kvasir ${command} `));
  expect(stdout).toContain("Options:");
  expect(stdout).toMatch(/Examples:\n {2}\$ /);
  expect(stdout).toContain(`kvasir ${command}`);
});

test.each([[], ["--help"], ["help"]])("`kvasir %s` lists the commands", async (...args) => {
  const { code, stdout } = await kvasir(args.flat());
  expect(code).toBe(0);
  for (const command of ["dev", "serve", "kv", "types", "token"])
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
});

test.each(["kv", "kv key", "kv namespace", "kv bulk", "token"])(
  "`%s` alone shows what belongs to it",
  async (group) => {
    const { code, stdout } = await kvasir(group.split(" "));
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: kvasir ${group} `));
  },
);

test("--version prints the package's version", async () => {
  expect((await kvasir(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [["nonsense"], /Unknown command 'nonsense'\. See `kvasir --help`/],
  [["kv", "key", "git"], /Did you mean get\?/],
  [["kv", "key", "get"], /Missing required argument 'key'\. See `kvasir kv key get --help`/],
  [["kv", "key", "get", "a", "b", "--namespace-id", "x"], /Too many arguments/],
  [["kv", "key", "get", "k", "--bindng", "x"], /Unknown option '--bindng'\. Did you mean --binding\?/],
  [["kv", "key", "get", "k"], /Give --binding NAME .* or --namespace-id ID/],
  [["kv", "key", "get", "k", "--binding", "A", "--namespace-id", "b"], /exactly one way/],
  [["kv", "key", "put", "k", "--namespace-id", "x"], /either as an argument or with --path/],
  [
    ["kv", "key", "put", "k", "v", "--path", "f", "--namespace-id", "x"],
    /either as an argument or with --path/,
  ],
  [["kv", "key", "put", "k", "v", "--namespace-id", "x", "--ttl", "soon"], /It must be a whole number/],
  [["kv", "key", "put", "k", "v", "--namespace-id", "x", "--metadata", "{"], /It must be valid JSON/],
  [["kv", "key", "put", "k", "v", "--namespace-id", "x", "--metadata", "[1]"], /It must be a JSON object/],
  [["kv", "key", "put", "k", "--path", "/does/not/exist", "--namespace-id", "x"], /does not exist/],
  [["kv", "key", "get", "k", "--binding", "A"], /there is none in this folder or above/],
  [["kv", "key", "get", "k", "--binding", "A", "--config", "none.json"], /none\.json does not exist/],
  [["kv", "key", "get", "k", "--namespace-id", "x", "--remote"], /Give --url or set KVASIR_URL/],
  [["kv", "key", "get", "k", "--namespace-id", "x", "--url", "nonsense"], /"nonsense" is not a URL/],
  [
    ["kv", "key", "get", "k", "--namespace-id", "x", "--url", "http://127.0.0.1:1"],
    /There is no Kvasir at http:\/\/127\.0\.0\.1:1\. Start it/,
  ],
  [
    ["kv", "key", "get", "k", "--namespace-id", "x"],
    /There is no data in .*\.kvasir\. Run `kvasir dev` first/,
  ],
  [["kv", "namespace", "delete"], /exactly one way/],
  [["kv", "namespace", "rename", "old"], /--new-name <title>' not specified/],
  [["kv", "bulk", "put", "/does/not/exist.json", "--namespace-id", "x"], /does not exist/],
  [["types"], /no wrangler\.jsonc, \.json or \.toml/],
  [["token", "create", "--scope", "root"], /Allowed choices are read, write, admin/],
  [["token", "create", "--expires", "2020-01-01"], /not in the future/],
  [["token", "create", "--expires", "2027-02-30"], /neither a duration nor a date/],
  [["dev", "--port", "70000"], /It must be a port number/],
  [["dev", "/does/not/exist"], /\/does\/not\/exist does not exist/],
  [["dev"], /There is no wrangler\.json/],
  [["serve", "--workers", "0"], /It must be a number from 1/],
  [["serve"], /has no API token.*kvasir token create/],
  [["serve", "--no-auth", "--host", "0.0.0.0"], /--no-auth would open the data to everyone/],
])("%j is refused in one sentence that says what to do", async (args, expected) => {
  const cwd = temporaryDirectory();
  const { code, stdout, stderr } = await kvasir(args, { cwd });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(expected);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
});

test("with --json a failure is a JSON line", async () => {
  for (const args of [
    ["kv", "key", "get", "--json"],
    ["kv", "key", "get", "k", "--namespace-id", "x", "--json"],
  ]) {
    const { code, stdout, stderr } = await kvasir(args, { cwd: temporaryDirectory() });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      event: "error",
      message: expect.any(String),
      hint: expect.any(String),
    });
  }
});

test("a stack trace appears only with KVASIR_DEBUG", async () => {
  const args = ["kv", "key", "get", "k", "--namespace-id", "x"];
  const cwd = temporaryDirectory();
  expect((await kvasir(args, { cwd })).stderr).not.toMatch(/\n\s+at /);
  expect((await kvasir(args, { cwd, env: { KVASIR_DEBUG: "1" } })).stderr).toMatch(/\n\s+at /);
});
