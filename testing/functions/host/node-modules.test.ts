import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NEWER_NODE, NODE_MODULES } from "../../harness/checkout.js";
import { runFunctions } from "../../harness/functions.js";
import { describeWith } from "../../harness/requirements.js";
import { WRANGLER_REQUIREMENT } from "../../harness/wrangler.js";

// The same program is bundled by wrangler and run by Kvasir, for dates and flags that change what there is.

const MODULES = builtinModules.filter((name) => !/^_|^(sea|sqlite|test)/.test(name) && !name.includes(":"));
const PROGRAM = `${MODULES.map((name, at) => `import * as m${at} from "node:${name}";`).join("\n")}
const required = require("./required.cjs");
const shape = (module) => typeof (module.default ?? module);
export default { fetch: () => Response.json({
  modules: Object.fromEntries([${MODULES.map((name, at) => `["${name}", shape(m${at})]`).join(", ")}]),
  required,
  globals: [typeof process.nextTick, typeof Buffer.from, typeof setImmediate, typeof global, typeof performance.now],
  joined: m${MODULES.indexOf("path")}.join("a", "..", "b"),
}) };`;

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["2024-09-23", ["nodejs_compat"]],
  ["2024-03-01", ["nodejs_compat_v2"]],
  ["2025-08-20", ["nodejs_compat"]],
  ["2026-03-20", ["nodejs_compat"]],
  ["2026-03-20", ["nodejs_compat", "disable_nodejs_fs_module", "disable_nodejs_tty_module"]],
  ["2025-01-01", ["nodejs_compat", "enable_nodejs_os_module", "enable_nodejs_http_modules"]],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-node-modules-"));
  writeFileSync(join(folder, "a.mjs"), PROGRAM);
  writeFileSync(
    join(folder, "required.cjs"),
    'module.exports = [typeof require("fs").readFileSync, typeof require("node:util").inspect, require("path").sep];',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describeWith(WRANGLER_REQUIREMENT, "Node's modules", () => {
  it.each(CASES)("of %s with %j are those that wrangler provides", async (date, flags) => {
    const name = `${date}-${flags.length}-${flags[1] ?? ""}`;
    const keys = { name: "fn", compatibility_date: date, compatibility_flags: flags };
    const own = join(folder, `${name}.json`);
    writeFileSync(own, JSON.stringify({ ...keys, main: "a.mjs" }));
    await promisify(execFile)(
      NEWER_NODE,
      [join(NODE_MODULES, "wrangler/bin/wrangler.js"), "deploy", "--dry-run", "--outdir", name, "-c", own],
      { cwd: folder, env: { PATH: process.env["PATH"] ?? "", HOME: folder, CI: "true" } },
    );
    // wrangler's bundle needs no bundling any more.
    writeFileSync(join(folder, name, "bundled.js"), readFileSync(join(folder, name, "a.js")));
    const theirs = join(folder, name, "wrangler.json");
    writeFileSync(theirs, JSON.stringify({ ...keys, main: "bundled.js", no_bundle: true }));
    const [ours, expected] = await Promise.all([own, theirs].map(response));
    expect(JSON.parse(ours as string)).toMatchObject({ joined: "b" });
    expect(ours).toBe(expected);
  });
});

async function response(config: string): Promise<string> {
  const running = await runFunctions([config]);
  try {
    return await running.text();
  } finally {
    await running.close();
  }
}
