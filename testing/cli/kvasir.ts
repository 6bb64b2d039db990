import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { checkNothingUnexpected } from "../unexpected.js";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const BIN = join(ROOT, "packages/kvasir/bin/kvasir.js");

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Bytes, because values are written to stdout unchanged. */
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program to its end. */
export async function kvasir(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = start(args, options);
  // A test that times out must leave no process behind.
  onTestFinished(() => void child.kill("SIGKILL"));
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const bytes = Buffer.concat(out);
  return { code, signal, bytes, stdout: bytes.toString("utf8"), stderr: Buffer.concat(err).toString("utf8") };
}

/** The same for a command that must succeed. Resolves with its stdout. */
export async function kvasirOk(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await kvasir(args, options);
  if (code !== 0) throw new Error(`kvasir ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** A `dev` or `serve` that has reported that it is ready. It ends with the test. */
export interface RunningKvasir {
  readonly child: ChildProcess;
  readonly api: string;
  readonly functions: string | undefined;
  /** The lines on stdout so far. */
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  /** The first line, past or future, that matches. */
  line(pattern: RegExp): Promise<string>;
  errorLine(pattern: RegExp): Promise<string>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function startKvasir(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<RunningKvasir> {
  return await watchUntilReady(start(args, options), args.join(" "));
}

/** Follows any child process with the output of `dev` and `serve`. */
export async function watchUntilReady(child: ChildProcess, name: string): Promise<RunningKvasir> {
  const ended = once(child, "exit") as Promise<[number | null]>;
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
    checkNothingUnexpected([...out.all, ...err.all].join("\n"));
  });
  const out = new Lines(child.stdout, ended);
  const err = new Lines(child.stderr, ended);
  const ready = await out.find(/^ready in |^\{"event":"ready"/).catch(() => {
    throw new Error(`${name} ended before it was ready: ${[...out.all, ...err.all].join("\n")}`);
  });
  const json = ready.startsWith("{") ? (JSON.parse(ready) as { api: string; functions?: string }) : undefined;
  const urlAfter = (word: string) => out.all.find((line) => line.startsWith(`${word} http`))?.split(" ")[1];
  return {
    child,
    api: json?.api ?? urlAfter("api") ?? "",
    functions: json?.functions ?? urlAfter("functions"),
    lines: out.all,
    errors: err.all,
    line: (pattern) => out.find(pattern),
    errorLine: (pattern) => err.find(pattern),
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "kvasir-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** This test's environment without the variables that affect the program. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...extra };
  for (const name of ["KVASIR_URL", "KVASIR_TOKEN", "KVASIR_DEBUG", "FORCE_COLOR", "CLOUDFLARE_ENV"]) {
    if (extra[name] === undefined) delete env[name];
  }
  return env;
}

function start(args: readonly string[], options: CommandOptions): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: cleanEnvironment(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

class Lines {
  readonly all: string[] = [];
  readonly #waiting = new Set<{ pattern: RegExp; resolve: (line: string) => void }>();
  readonly #ended: Promise<unknown>;

  constructor(stream: NodeJS.ReadableStream | null, ended: Promise<unknown>) {
    this.#ended = ended;
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      this.all.push(line);
      for (const waiter of this.#waiting) {
        if (!waiter.pattern.test(line)) continue;
        this.#waiting.delete(waiter);
        waiter.resolve(line);
      }
    });
  }

  find(pattern: RegExp): Promise<string> {
    const found = this.all.find((line) => pattern.test(line));
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      this.#waiting.add({ pattern, resolve });
      void this.#ended.then(() => setImmediate(() => reject(new Error(`No line matches ${pattern}`))));
    });
  }
}
