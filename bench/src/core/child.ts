import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { START_MS_MAX, STOP_MS_MAX } from "./limits.js";
import type { Workspace } from "./workspace.js";

/** Every running child process. They end with this process, however it ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Ends the child with the workspace at the latest, and with this process in any case. */
export function keep(workspace: Workspace, child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
  workspace.onRelease(() => stop(child));
}

/** Asks a child process to end, and kills it if it does not. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await exited;
  clearTimeout(timer);
}

export interface ServerProcess {
  readonly pid: number;
  /** The line of its output that reported that it is ready. */
  readonly readyLine: string;
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether a line of its standard output reports that it is ready. */
  isReady(line: string): boolean;
}

/** Starts a server and waits for the line that reports that it is ready. It ends with the workspace. */
export async function startServer(workspace: Workspace, options: ServerOptions): Promise<ServerProcess> {
  const { command, args, env = process.env, isReady } = options;
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  keep(workspace, child);
  const readyLine = await new Promise<string>((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`${command} ${why}:\n${said}`));
    const timer = setTimeout(() => fail("was not ready in time"), START_MS_MAX);
    child.once("error", (error) => fail(`did not start (${error.message})`));
    child.once("exit", (code) => fail(`ended with ${code}`));
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString();
    });
    // Both pipes are read until the process ends. Otherwise it would block on them.
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (said.length < 10_000) said += `${line}\n`;
      if (!isReady(line)) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
  if (child.pid === undefined) throw new Error(`${command} did not start.`);
  return { pid: child.pid, readyLine, stop: () => stop(child) };
}

/** A port that was free a moment ago, for servers that cannot pick one themselves. */
export async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
  return address.port;
}
