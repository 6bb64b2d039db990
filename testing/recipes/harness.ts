import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { KVNamespace } from "@kvasir/client";
import { buildProgram } from "../faults/machinery/build-program.ts";
import { type KvasirProcess, type RunningApi, serve, TOKEN } from "../faults/machinery/kvasir-process.ts";
import { CLIENTS_PER_PROCESS, PROCESSES } from "./limits.ts";
import type { HammerInput } from "./programs/hammer.ts";

const WORKER = fileURLToPath(new URL("worker/", import.meta.url));
const WORKER_NAMESPACE = "hammered-by-workers";

/** How clients reach the namespace that they hammer. */
export type Way = "over HTTP" | "from Workers";

export interface Hammering extends Pick<HammerInput, "task"> {
  readonly call?: HammerInput["call"];
  readonly callsPerClient?: number;
  /** @default CLIENTS_PER_PROCESS */
  readonly clients?: number;
  /** @default PROCESSES */
  readonly processes?: number;
}

/**
 * A server of two processes on one durable store, with a function in front of it. Hammered by processes of their own,
 * which begin together.
 */
export class HammeredServer {
  readonly #directory: string;
  readonly #server: KvasirProcess;
  readonly #program: string;
  readonly #api: RunningApi;
  readonly #namespaces: Readonly<Record<Way, string>>;

  private constructor(parts: {
    directory: string;
    server: KvasirProcess;
    program: string;
    api: RunningApi;
    namespace: string;
  }) {
    this.#directory = parts.directory;
    this.#server = parts.server;
    this.#program = parts.program;
    this.#api = parts.api;
    this.#namespaces = { "over HTTP": parts.namespace, "from Workers": WORKER_NAMESPACE };
  }

  static async start(): Promise<HammeredServer> {
    const program = await buildProgram("hammer", new URL("programs/", import.meta.url));
    const directory = mkdtempSync(join(tmpdir(), "kvasir-hammer-"));
    const server = serve(directory, ["--workers", "2", WORKER]);
    try {
      const api = await server.ready();
      const namespace = await api.createNamespace("hammered over HTTP");
      return new HammeredServer({ directory, server, program, api, namespace });
    } catch (error) {
      await server.kill();
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** What the clients of that way hammer. */
  namespace(way: Way): KVNamespace {
    return this.#api.namespace(this.#namespaces[way]);
  }

  /** The results of all calls, in no particular order. */
  async hammer<Result>(way: Way, hammering: Hammering): Promise<Result[]> {
    const { clients = CLIENTS_PER_PROCESS, processes = PROCESSES, callsPerClient = 1, ...rest } = hammering;
    const target =
      way === "over HTTP"
        ? { api: { url: this.#api.url, namespace: this.#namespaces[way], token: TOKEN } }
        : { functions: this.#api.functions ?? "" };
    const children = Array.from(
      { length: processes },
      (_, process) =>
        new Hammer(this.#program, { call: {}, ...rest, process, clients, callsPerClient, ...target }),
    );
    try {
      for (const child of children) await child.ready();
      for (const child of children) child.begin();
      return (await Promise.all(children.map((child) => child.results<Result>()))).flat();
    } finally {
      for (const child of children) child.kill();
    }
  }
}

/** One process that hammers. */
class Hammer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #errors = "";

  constructor(program: string, input: HammerInput) {
    const child = spawn(process.execPath, [program, JSON.stringify(input)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(child, "close");
    child.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
  }

  async ready(): Promise<void> {
    await this.#line();
  }

  begin(): void {
    this.#child.stdin?.write("begin\n");
  }

  async results<Result>(): Promise<Result[]> {
    return JSON.parse(await this.#line()) as Result[];
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    await this.#ended;
    throw new Error(`A process that hammers ended early: ${this.#errors}`);
  }
}
