import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { FunctionError } from "../../failure/function-error.js";
import { LISTEN_BACKLOG } from "../limits.js";

/** A listening unix socket that processes inherit and accept from. */
export interface HeldSocket {
  readonly path: string;
  readonly fd: number;
  close(): void;
}

// As in listen-socket.ts, the thread's event loop never runs, so the thread does not accept connections.
const THREAD = `
const { parentPort, receiveMessageOnPort, workerData } = require("node:worker_threads");
const { createServer } = require("node:net");
const wake = new Int32Array(workerData.wake);
const servers = new Map();
for (;;) {
  Atomics.wait(wake, 0, 0);
  Atomics.store(wake, 0, 0);
  for (let received; (received = receiveMessageOnPort(parentPort)) !== undefined; ) {
    const { path, listen } = received.message;
    if (!listen) {
      servers.get(path)?.close();
      servers.delete(path);
      continue;
    }
    const server = createServer().listen({ path, backlog: workerData.backlog, exclusive: true });
    servers.set(path, server);
    parentPort.postMessage({ path, fd: server._handle?.fd ?? -1 });
  }
}
`;

/**
 * Listens on unix sockets without accepting. Processes that inherit a socket accept from it. While no such
 * process runs, for example after a crash, the kernel queues connections, so no request is refused.
 */
export class HeldSockets {
  readonly #folder = mkdtempSync(join(tmpdir(), "kvasir-"));
  readonly #wake = new SharedArrayBuffer(4);
  readonly #worker: Worker;
  #count = 0;

  constructor() {
    this.#worker = new Worker(THREAD, {
      eval: true,
      workerData: { wake: this.#wake, backlog: LISTEN_BACKLOG },
    });
    this.#worker.unref();
  }

  /** Do not call it concurrently. */
  async listen(): Promise<HeldSocket> {
    const path = join(this.#folder, `${++this.#count}.sock`);
    const answered = new Promise<{ fd: number }>((resolve, reject) => {
      this.#worker.once("message", resolve);
      this.#worker.once("error", reject);
    });
    this.#tell({ path, listen: true });
    const { fd } = await answered;
    if (fd < 0) {
      throw new FunctionError(`Cannot listen on ${path}.`, {
        hint: "Set TMPDIR to a folder with a shorter path that this user can write to.",
      });
    }
    return { path, fd, close: () => this.#tell({ path, listen: false }) };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tell(message: { readonly path: string; readonly listen: boolean }): void {
    this.#worker.postMessage(message);
    const wake = new Int32Array(this.#wake);
    Atomics.store(wake, 0, 1);
    Atomics.notify(wake, 0);
  }
}
