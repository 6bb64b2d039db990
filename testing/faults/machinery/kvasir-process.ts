import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect, type KVNamespace } from "@kvasir/client";
import { onTestFinished } from "vitest";
import { checkNothingUnexpected } from "../../unexpected.js";
import { PROCESS_MS_MAX } from "../limits.js";

export const BIN = fileURLToPath(new URL("../../../packages/kvasir/bin/kvasir.js", import.meta.url));

/** The admin token of every server that the harness starts. */
export const TOKEN = "fault-token";
const ACCOUNT = "0".repeat(32);

export interface LaunchOptions {
  /** The command that runs it, for example `unshare` with its arguments. The node command follows. */
  readonly through?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the test provokes unexpected exceptions. Otherwise one of them fails the test. @default false */
  readonly provokesExceptions?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `kvasir`, in a process group of its own, so that a kill reaches all of its processes. */
export class KvasirProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  readonly #provokesExceptions: boolean;

  constructor(
    args: readonly string[],
    { through = [], cwd, env, provokesExceptions = false }: LaunchOptions = {},
  ) {
    this.#provokesExceptions = provokesExceptions;
    const [command = "", ...rest] = [...through, process.execPath, BIN, ...args];
    this.child = spawn(command, rest, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, KVASIR_TOKEN: TOKEN, NO_COLOR: "1", ...env },
      ...(cwd !== undefined && { cwd }),
    });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.ended = once(this.child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("kvasir did not start.");
    return this.child.pid;
  }

  /** All of its output so far, for the text of a failure. */
  get said(): string {
    return this.#stdout + this.#stderr;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Kills all of its processes at once. */
  async kill(): Promise<void> {
    if (this.isRunning) process.kill(-this.pid, "SIGKILL");
    this.#check(await this.ended);
  }

  async stop(): Promise<Ended> {
    if (this.isRunning) this.child.kill("SIGTERM");
    return this.#check(await this.ended);
  }

  #check(ended: Ended): Ended {
    if (!this.#provokesExceptions) checkNothingUnexpected(ended.stdout + ended.stderr);
    return ended;
  }

  /** Waits for the `ready` line of `serve --json`. */
  async ready(): Promise<RunningApi> {
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Not ready in time: ${this.said}`)), PROCESS_MS_MAX);
      const look = () => {
        const found = this.#stdout.split("\n").find((each) => each.startsWith('{"event":"ready"'));
        if (found === undefined || !this.#stdout.includes(`${found}\n`)) return;
        clearTimeout(timer);
        // Stop searching all output at each further line of a busy server.
        this.child.stdout?.off("data", look);
        resolve(found);
      };
      this.child.stdout?.on("data", look);
      void this.ended.then(({ code }) => {
        clearTimeout(timer);
        reject(new Error(`kvasir ended with ${code}: ${this.said}`));
      });
      look();
    });
    const { api, functions } = JSON.parse(line) as { readonly api: string; readonly functions?: string };
    return new RunningApi(api, functions);
  }
}

/** The API of a running server, used as an admin. */
export class RunningApi {
  readonly url: string;
  /** The URL of the functions, if there are any. */
  readonly functions: string | undefined;

  constructor(url: string, functions?: string) {
    this.url = url;
    this.functions = functions;
  }

  /** @returns the id of the new namespace */
  async createNamespace(title: string): Promise<string> {
    const response = await this.fetch(`/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ title }),
    });
    const { result } = (await response.json()) as { readonly result: { readonly id: string } };
    return result.id;
  }

  async namespaceId(title: string): Promise<string> {
    const response = await this.fetch(`/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`);
    const { result } = (await response.json()) as {
      readonly result: readonly { id: string; title: string }[];
    };
    const found = result.find((namespace) => namespace.title === title);
    if (found === undefined) throw new Error(`No namespace has the title ${title}.`);
    return found.id;
  }

  /** A namespace in the form that a user's program has. It never retries, so each response counts. */
  namespace(id: string, { timeoutMs }: { readonly timeoutMs?: number } = {}): KVNamespace {
    return connect({ url: this.url, namespace: id, token: TOKEN, retries: 0, timeoutMs });
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${TOKEN}` },
    });
  }
}

/** `kvasir serve` on free ports. */
export function serve(directory: string, args: readonly string[] = [], options: LaunchOptions = {}) {
  return new KvasirProcess(
    ["serve", "--json", "--port", "0", "--api-port", "0", "--data", directory, ...args],
    options,
  );
}

/** Runs a command to its end, or to the end of the test. */
export function run(args: readonly string[], options: LaunchOptions = {}): Promise<Ended> {
  const process = new KvasirProcess(args, options);
  onTestFinished(() => process.kill());
  return process.ended;
}
