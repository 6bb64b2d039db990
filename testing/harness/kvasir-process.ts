import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { BIN } from "./checkout.js";
import { cleanEnvironment } from "./environment.js";
import { PROCESS_MS_MAX } from "./limits.js";
import { Output } from "./output.js";
import { RunningApi, TOKEN } from "./running-api.js";
import { checkNothingUnexpected } from "./unexpected.js";

export interface ProcessOptions {
  /**
   * Whether the child leads a process group. `kill()` then reaches all of its processes; Ctrl-C reaches none.
   * @default false
   */
  readonly leadsGroup?: boolean;
  /** Whether the test provokes unexpected exceptions. Otherwise one of them fails the test. @default false */
  readonly provokesExceptions?: boolean;
}

export interface LaunchOptions extends ProcessOptions {
  /** A command to run the program with, for example `unshare` and its arguments. */
  readonly through?: readonly string[];
  /** The Node that runs it. @default this one */
  readonly node?: string;
  /** @default the system's folder for temporary files */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Of stdout: values are printed as they are. */
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `kvasir` in another process. Every test that starts the program does it with this. */
export class KvasirProcess {
  readonly child: ChildProcess;
  /** Where the API listens, once it is ready. */
  api = "";
  /** Where functions respond, once they are ready. */
  functions: string | undefined;
  /** Settles when it has ended and all that it printed has been read. */
  readonly ended: Promise<Ended>;
  readonly #out: Output;
  readonly #err: Output;
  readonly #options: ProcessOptions;

  /** @param child any process that prints what `dev` and `serve` print */
  constructor(child: ChildProcess, options: ProcessOptions = {}) {
    this.child = child;
    this.#options = options;
    const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    this.#out = new Output(child.stdout, closed);
    this.#err = new Output(child.stderr, closed);
    this.ended = closed.then(([code, signal]) => {
      const bytes = this.#out.bytes;
      return { code, signal, bytes, stdout: bytes.toString("utf8"), stderr: this.#err.text };
    });
  }

  /** Runs the built program. */
  static launch(args: readonly string[], options: LaunchOptions = {}): KvasirProcess {
    const { through = [], node = process.execPath, cwd = tmpdir(), env, leadsGroup = false } = options;
    const [command = "", ...rest] = [...through, node, BIN, ...args];
    const child = spawn(command, rest, {
      cwd,
      env: cleanEnvironment(env),
      detached: leadsGroup,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new KvasirProcess(child, options);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("kvasir did not start.");
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** All that it has printed so far. */
  get said(): string {
    return this.#out.text + this.#err.text;
  }

  /** The lines of stdout so far. */
  get lines(): readonly string[] {
    return this.#out.lines;
  }

  /** The lines of stderr so far. */
  get errors(): readonly string[] {
    return this.#err.lines;
  }

  /** The first line of stdout, past or to come, that matches. */
  line(pattern: RegExp): Promise<string> {
    return this.#out.find(pattern);
  }

  /** The first line of stderr, past or to come, that matches. */
  errorLine(pattern: RegExp): Promise<string> {
    return this.#err.find(pattern);
  }

  /** Waits until it has printed that it is ready, with or without `--json`. */
  async ready({ msMax = PROCESS_MS_MAX }: { readonly msMax?: number } = {}): Promise<RunningApi> {
    const tooLate = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`Not ready after ${msMax} ms`)), msMax).unref();
    });
    try {
      const line = await Promise.race([this.line(/^ready in |^\{"event":"ready"/), tooLate]);
      const { api = "", functions } = line.startsWith("{")
        ? (JSON.parse(line) as { readonly api?: string; readonly functions?: string })
        : { api: this.#urlAfter("api"), functions: this.#urlAfter("functions") };
      this.api = api;
      this.functions = functions;
      return new RunningApi(api, functions);
    } catch (cause) {
      throw new Error(`kvasir was not ready, and has said: ${this.said}`, { cause });
    }
  }

  /** Sends a signal and waits for the end. @returns the exit code */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.isRunning) this.child.kill(signal);
    return this.#check(await this.ended).code;
  }

  /** Kills it, with all of its processes when it leads a group. */
  async kill(): Promise<void> {
    if (this.isRunning) process.kill(this.#options.leadsGroup ? -this.pid : this.pid, "SIGKILL");
    this.#check(await this.ended);
  }

  #check(ended: Ended): Ended {
    if (!this.#options.provokesExceptions) checkNothingUnexpected(`${ended.stdout}\n${ended.stderr}`);
    return ended;
  }

  #urlAfter(word: string): string | undefined {
    return this.lines.find((line) => line.startsWith(`${word} http`))?.split(" ")[1];
  }
}

/** `kvasir serve` on free ports, with an admin token, in a process group of its own. */
export function serve(directory: string, args: readonly string[] = [], options: LaunchOptions = {}) {
  return KvasirProcess.launch(
    ["serve", "--json", "--port", "0", "--api-port", "0", "--data", directory, ...args],
    { leadsGroup: true, ...options, env: { KVASIR_TOKEN: TOKEN, ...options.env } },
  );
}
