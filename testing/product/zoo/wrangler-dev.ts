import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { NEWER_NODE, NODE_MODULES } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { Output } from "../../harness/output.js";

const WRANGLER = join(NODE_MODULES, "wrangler/bin/wrangler.js");

export interface WranglerDev {
  readonly url: string;
  stop(): Promise<void>;
}

/** `wrangler dev` in a project's folder, with nothing that needs the internet. */
export async function wranglerDev(
  root: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Record<string, string> },
): Promise<WranglerDev> {
  const home = join(root, ".home");
  const child = spawn(
    NEWER_NODE,
    [WRANGLER, "dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", ...args],
    {
      cwd: root,
      // Its workerd and its build commands end with its process group.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: cleanEnvironment({
        HOME: home,
        XDG_CONFIG_HOME: home,
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_HIDE_BANNER: "true",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        CI: "true",
        NO_COLOR: "1",
        ...env,
      }),
    },
  );
  const ended = once(child, "close");
  const out = new Output(child.stdout, ended);
  const err = new Output(child.stderr, ended);
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
  };
  try {
    // After a build that fails it goes on watching, and is never ready.
    const failed = err.find(/ERROR/).then((line) => Promise.reject(new Error(line)));
    const line = await Promise.race([out.find(/Ready on http/), failed]);
    const url = /http:\/\/[^\s/]+/.exec(line)?.[0] ?? "";
    return { url, stop };
  } catch (cause) {
    await stop();
    throw new Error(`wrangler dev was not ready, and has said: ${out.text}${err.text}`, { cause });
  }
}
