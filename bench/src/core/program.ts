import { type ChildProcess, fork } from "node:child_process";
import { keep, stop } from "./child.js";
import { START_MS_MAX } from "./limits.js";
import type { Workspace } from "./workspace.js";

export interface ProgramOptions {
  readonly args?: readonly string[];
  /** Another Node to run it with. @default this one */
  readonly node?: string;
  /** How long it may take to report that it is ready, in milliseconds. @default START_MS_MAX */
  readonly readyMsMax?: number;
}

/**
 * A file of a folder `programs/` in a process of its own: nothing is measured in the process that measures, and nothing
 * shares a heap or an event loop with a competitor. Its other end is `serveParent` in `serve-parent.ts`.
 */
export class Program<Ready = unknown> {
  readonly ready: Ready;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ready: Ready) {
    this.#child = child;
    this.ready = ready;
  }

  /** @param name its path in `src/`, without the extension: `load/programs/arrivals` */
  static async start<Ready>(
    workspace: Workspace,
    name: string,
    options: ProgramOptions = {},
  ): Promise<Program<Ready>> {
    const child = fork(new URL(`../${name}.js`, import.meta.url), [...(options.args ?? [])], {
      execPath: options.node ?? process.execPath,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    keep(workspace, child);
    const ready = await nextMessage(child, options.readyMsMax ?? START_MS_MAX);
    return new Program<Ready>(child, ready as Ready);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The program did not start.");
    return this.#child.pid;
  }

  /** Sends one question and resolves with the result. Only one question may be in flight. */
  async ask<Answer>(question: unknown): Promise<Answer> {
    const answer = nextMessage(this.#child, null);
    this.#child.send(question as object);
    return (await answer) as Answer;
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }
}

function nextMessage(child: ChildProcess, timeoutMs: number | null): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === null
        ? undefined
        : setTimeout(() => settle(() => reject(new Error(`No message within ${timeoutMs} ms.`))), timeoutMs);
    const onMessage = (message: unknown) => settle(() => resolve(message));
    const onExit = (code: number | null) =>
      settle(() => reject(new Error(`The program ended with ${code} before it answered.`)));
    const settle = (result: () => void) => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      result();
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
