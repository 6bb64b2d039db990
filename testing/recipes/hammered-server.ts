import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { KVNamespace } from "@kvasir/client";
import { buildProgram } from "../harness/build-program.js";
import { serve } from "../harness/kvasir-process.js";
import { type RunningApi, TOKEN } from "../harness/running-api.js";
import { CLIENTS_PER_PROCESS, PROCESSES } from "./limits.js";
import type { HammerInput, HammerJob } from "./programs/hammer.js";

const WORKER = fileURLToPath(new URL("worker/", import.meta.url));
const WORKER_NAMESPACE = "hammered-by-workers";

/** The way in which clients reach the namespace that they hammer. */
export type Way = HammerJob["way"];

export interface Hammering
  extends Pick<HammerJob, "task">,
    Partial<Pick<HammerJob, "clients" | "callsPerClient" | "call">> {
  /** @default all of them */
  readonly processes?: number;
}

export interface HammeredServerOptions {
  /** A `serve` for each, with these arguments. */
  readonly argsOfServers: readonly (readonly string[])[];
  /** A locator. @default a new directory */
  readonly data?: string;
}

/**
 * One or several servers on the same durable data, with a function in front of each, and processes that hammer them
 * from outside.
 */
export class HammeredServer {
  readonly #api: RunningApi;
  readonly #namespaces: Readonly<Record<Way, string>>;
  readonly #hammers: readonly Hammer[];
  readonly #release: () => Promise<void>;

  private constructor(
    api: RunningApi,
    namespace: string,
    hammers: readonly Hammer[],
    release: () => Promise<void>,
  ) {
    this.#api = api;
    this.#namespaces = { "over HTTP": namespace, "from Workers": WORKER_NAMESPACE };
    this.#hammers = hammers;
    this.#release = release;
  }

  static async start({ argsOfServers, data }: HammeredServerOptions): Promise<HammeredServer> {
    const program = await buildProgram("recipes/programs/hammer");
    const directory = mkdtempSync(join(tmpdir(), "kvasir-hammer-"));
    const servers = argsOfServers.map((args) => serve(data ?? directory, [...args, WORKER]));
    const hammers: Hammer[] = [];
    const release = async () => {
      await Promise.all(hammers.map((hammer) => hammer.end()));
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(directory, { recursive: true, force: true });
    };
    try {
      const running = await Promise.all(servers.map((server) => server.ready()));
      const [first] = running;
      if (first === undefined) throw new Error("There is no server to hammer.");
      const namespace = await first.createNamespace("hammered over HTTP");
      for (let process = 0; process < PROCESSES; process++) {
        const { url, functions = "" } = running[process % running.length] ?? first;
        hammers.push(new Hammer(program, { process, api: { url, namespace, token: TOKEN }, functions }));
      }
      return new HammeredServer(first, namespace, hammers, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#release();
  }

  /** The namespace that the clients of this way hammer. */
  namespace(way: Way): KVNamespace {
    return this.#api.namespace(this.#namespaces[way]);
  }

  /** Runs a job in all processes at once. @returns the results of all calls, in no particular order */
  async hammer<Result>(
    way: Way,
    { processes = PROCESSES, clients = CLIENTS_PER_PROCESS, callsPerClient = 1, call = {}, task }: Hammering,
  ): Promise<Result[]> {
    const job: HammerJob = { way, task, clients, callsPerClient, call };
    const results = await Promise.all(
      this.#hammers.slice(0, processes).map((hammer) => hammer.do<Result>(job)),
    );
    return results.flat();
  }
}

/** One hammering process. */
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

  async do<Result>(job: HammerJob): Promise<Result[]> {
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value) as Result[];
    await this.#ended;
    throw new Error(`A process that hammers ended early: ${this.#errors}`);
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
