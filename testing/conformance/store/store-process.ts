import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./programs/store-process.mjs", import.meta.url));

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Another process with the same data open. It runs the build in `dist/`. */
export class StoreProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
  }

  static async open(path: string): Promise<StoreProcess> {
    const child = fork(PROGRAM, [path]);
    await once(child, "message");
    return new StoreProcess(child);
  }

  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ error, result }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(Object.assign(new Error(error.message), { code: error.code }));
      });
      this.#child.send({ id, method, args });
    });
  }

  async close(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.send({ id: 0, method: "close", args: [] });
    await exited;
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
