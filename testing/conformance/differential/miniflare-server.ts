import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { NEWER_NODE } from "../../harness/checkout.js";

const PROGRAM = fileURLToPath(new URL("serve-on-miniflare.ts", import.meta.url));

export interface MiniflareServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a Worker on Miniflare, which needs a newer Node than Kvasir does. */
export async function miniflareServer(script: string): Promise<MiniflareServer> {
  const directory = mkdtempSync(join(tmpdir(), "kvasir-miniflare-"));
  // Miniflare accepts modules only from below its directory.
  copyFileSync(script, join(directory, "worker.mjs"));
  const child = spawn(NEWER_NODE, [PROGRAM, "worker.mjs"], {
    cwd: directory,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(() => {
      throw new Error("Miniflare did not start.");
    }),
  ])) as [string];
  return {
    url,
    async close() {
      child.stdin.end();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
