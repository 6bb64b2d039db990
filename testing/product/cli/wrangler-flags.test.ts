import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCommand } from "../../../packages/kvasir/src/commands/dev.js";
import { normaliseArguments } from "../../../packages/kvasir/src/commands/wrangler-arguments.js";
import { NEWER_NODE, NODE_MODULES } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { describeWith } from "../../harness/requirements.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { WRANGLER_REQUIREMENT } from "../../harness/wrangler.js";

const HONOURED = [
  ...["alias", "assets", "compatibility-date", "compatibility-flag", "compatibility-flags", "config", "cwd"],
  ...["define", "env", "env-file", "help", "https-cert-path", "https-key-path", "inspector-ip"],
  ...["inspector-port", "ip", "jsx-factory", "jsx-fragment", "latest", "live-reload", "local"],
  ...["local-protocol", "log-level", "minify", "name", "no-bundle", "persist-to", "port"],
  ...["show-interactive-dev-session", "test-scheduled", "tsconfig", "var", "version"],
  // Here it is the address to listen on.
  "host",
];

const REFUSED: Readonly<Record<string, string>> = {
  "infer-origin-from-routes": "functions receive the request as the client sent it",
  "install-skills": "it installs nothing for coding agents",
  "local-upstream": "functions receive the request as the client sent it",
  profile: "it needs no account",
  remote: "functions and their data stay on this machine",
  route: "give routes in the config",
  routes: "give routes in the config",
  tunnel: "it opens nothing to the internet",
  "tunnel-allowed-mail": "it opens nothing to the internet",
  "tunnel-name": "it opens nothing to the internet",
  types: "run `kvasir types`",
  "upstream-protocol": "functions receive the request as the client sent it",
};

/** Flags of wrangler that its help does not show. */
const HIDDEN: Readonly<Record<string, string>> = {
  "site-include": "give site.include in the config",
  "site-exclude": "give site.exclude in the config",
  "enable-containers": "it runs no containers",
};

describeWith(WRANGLER_REQUIREMENT, "the flags of wrangler dev", () => {
  test("are those that this table has", () => {
    const help = execFileSync(NEWER_NODE, [join(NODE_MODULES, "wrangler/bin/wrangler.js"), "dev", "--help"], {
      cwd: temporaryDirectory(),
      encoding: "utf8",
      env: cleanEnvironment({ WRANGLER_SEND_METRICS: "false", CI: "true", NO_COLOR: "1" }),
    });
    const lines = help
      .split("\n")
      .map((line) => /^ +(?:-\w, )?(--[a-z-]+(?:, --[a-z-]+)*) {2}/.exec(line)?.[1]);
    const flags = lines.flatMap((names = "") => names.split(", ")).filter((name) => name !== "");
    expect(flags.map((flag) => flag.slice(2)).sort()).toEqual([...HONOURED, ...Object.keys(REFUSED)].sort());
  });
});

describe("kvasir dev", () => {
  const known = new Set(createCommand().options.map(({ long }) => long));

  test.each(HONOURED)("knows --%s", (flag) => {
    // The program itself has these.
    if (flag === "help" || flag === "version") return;
    const [ours] = normaliseArguments([`--${flag}`]);
    expect(known).toContain(ours);
  });

  test.each(Object.entries({ ...REFUSED, ...HIDDEN }))("refuses --%s: %s", async (flag, reason) => {
    const command = createCommand().exitOverride();
    const parsing = command.parseAsync(normaliseArguments([`--${flag}`]), { from: "user" });
    await expect(parsing).rejects.toThrow(`kvasir has no --${flag}: ${reason}.`);
  });
});
