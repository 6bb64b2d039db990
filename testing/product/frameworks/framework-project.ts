import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { NODE_MODULES, ROOT } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { Output } from "../../harness/output.js";

const VITE = join(NODE_MODULES, "vite/bin/vite.js");

/** A project that finds the packages of the tests. It is removed at the end of the test. */
export function frameworkProject(files: Readonly<Record<string, string>>): string {
  // Inside testing/, because packages are looked for in the folders above a file.
  const folder = mkdtempSync(join(ROOT, "testing/.framework-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Runs `vite build` to its end. */
export async function viteBuild(cwd: string): Promise<void> {
  const env = cleanEnvironment({ NO_COLOR: "1" });
  await promisify(execFile)(process.execPath, [VITE, "build"], { cwd, env });
}

/** Runs Vite's dev server in a process of its own. @returns its URL */
export async function viteDev(cwd: string): Promise<string> {
  const child = spawn(process.execPath, [VITE, "dev", "--port", "0", "--host", "127.0.0.1"], {
    cwd,
    env: cleanEnvironment({ NO_COLOR: "1" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  onTestFinished(async () => {
    child.kill();
    await closed;
  });
  const errors = new Output(child.stderr, closed);
  try {
    const line = await new Output(child.stdout, closed).find(/http:\/\/127\.0\.0\.1:\d+/);
    return /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? "";
  } catch (cause) {
    throw new Error(`Vite did not start: ${errors.text}`, { cause });
  }
}
