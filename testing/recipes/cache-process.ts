import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { CachedValue } from "@kvasir/client/recipes";
import { onTestFinished } from "vitest";

const PROGRAM = fileURLToPath(new URL("./programs/cache-process.mjs", import.meta.url));

type Message =
  | { readonly type: "ready" | "asked" | "computing" }
  | { readonly type: "answered"; readonly answers: readonly CachedValue<string>[] };

export interface CacheProcessOptions {
  readonly url: string;
  readonly namespace: string;
  readonly leaseSeconds: number;
}

/** Another process that uses a cache over HTTP. It runs the build in `dist/`, and ends with the test. */
export class CacheProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<Message["type"], (message: Message) => void>();
  /** The number of computations that it has begun. */
  computations = 0;

  private constructor(child: ChildProcess, onComputing: () => void) {
    this.#child = child;
    child.on("message", (message: Message) => {
      if (message.type === "computing") {
        this.computations++;
        onComputing();
      }
      this.#waiting.get(message.type)?.(message);
    });
    onTestFinished(() => this.kill());
  }

  static async start(options: CacheProcessOptions, onComputing: () => void): Promise<CacheProcess> {
    const started = new CacheProcess(fork(PROGRAM, [JSON.stringify(options)]), onComputing);
    await started.#next("ready");
    return started;
  }

  /** Starts `times` calls for a key at once. @returns once the calls are in flight */
  async ask(
    key: string,
    callers: number,
  ): Promise<{ readonly answers: Promise<readonly CachedValue<string>[]> }> {
    const asked = this.#next("asked");
    const answered = this.#next("answered");
    this.#child.send({ ask: { key, callers } });
    await asked;
    return { answers: answered.then((message) => ("answers" in message ? message.answers : [])) };
  }

  /** Ends the computation that is running in this process, if any. */
  end(value: string): void {
    this.#child.send({ end: value });
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #next(type: Message["type"]): Promise<Message> {
    return new Promise((resolve) => this.#waiting.set(type, resolve));
  }
}
