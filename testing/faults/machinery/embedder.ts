import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type KVNamespace, KvError, type KvErrorCode } from "@kvasir/client";
import { buildProgram } from "../../harness/build-program.js";

export interface EmbedderInput {
  readonly directory: string;
}

export interface Question {
  readonly id: number;
  /** `null` for a method of the store itself. */
  readonly title: string | null;
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: {
    readonly name: string;
    readonly code: KvErrorCode | undefined;
    readonly message: string;
    readonly hint: string | undefined;
  };
}

/**
 * A process that embeds the store on a disk that this process does not see, and carries out the test's calls.
 * Its clock moves only when the test moves it.
 */
export class Embedder {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #ready: Promise<unknown>;
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ready = new Promise((resolve, reject) => {
      this.#waiting.set(0, { resolve, reject });
    });
    child.on("message", (message) => this.#settle(message as Answer));
    // LMDB's binding prints each failing write. The output is shown only if the process itself fails.
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000);
    });
    child.once("exit", (code, signal) => {
      const error = new Error(`The embedding process ended with ${code ?? signal}. ${said}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  static async start(input: EmbedderInput, through: readonly string[] = []): Promise<Embedder> {
    const program = await buildProgram("faults/programs/embedder");
    const [command = "", ...args] = [...through, process.execPath, program, JSON.stringify(input)];
    const child = spawn(command, args, {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      serialization: "advanced",
    });
    const embedder = new Embedder(child);
    await embedder.#ready;
    return embedder;
  }

  /** The namespace in that process, limited to methods whose arguments and results are data. */
  namespace(title: string): KVNamespace {
    const call = (_: object, method: string | symbol) =>
      method === "then" ? undefined : (...args: unknown[]) => this.#ask(title, String(method), args);
    return new Proxy({}, { get: call }) as KVNamespace;
  }

  async advance(ms: number): Promise<void> {
    await this.#ask(null, "advance", [ms]);
  }

  /** Removes expired data and reclaims space now, without waiting for the sweeper. */
  async sweep(): Promise<void> {
    await this.#ask(null, "sweep", []);
  }

  async createNamespace(title: string): Promise<void> {
    await this.#ask(null, "createNamespace", [title]);
  }

  /** Closes the store, then ends. */
  async close(): Promise<void> {
    await this.#ask(null, "close", []);
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #ask(title: string | null, method: string, args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, title, method, args } satisfies Question);
    });
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else
      waiting?.reject(
        error.code === undefined
          ? new Error(`${error.name}: ${error.message}`)
          : new KvError(error.code, error.message, { hint: error.hint }),
      );
  }
}
