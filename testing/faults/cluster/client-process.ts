import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type JournalLine, type Operation, operationsOf, type Told } from "./history.js";

/** What the program `programs/cluster-client.ts` is started with, as JSON. */
export interface ClientInput {
  readonly client: string;
  readonly locator: string;
  readonly place: number;
  /** From which it connects, so that the network can be cut around it. */
  readonly address: string;
  /** Where its watch begins. */
  readonly position: string;
}

/** A Kvasir with its clients, in a process of its own, and what it has told so far. */
export class ClientProcess {
  readonly name: string;
  /** A client that is started in the place of another has its address, and goes on with its watch. */
  readonly place: number;
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: JournalLine[] = [];
  readonly #toldKeys = new Set<string>();
  #acknowledged = 0;
  #failed = 0;

  private constructor({ client, place, address }: ClientInput, child: ChildProcess) {
    this.name = client;
    this.place = place;
    this.address = address;
    this.#child = child;
    const lines = createInterface({ input: child.stdout as Readable });
    lines.on("line", (line) => this.#hear(line));
    this.#ended = Promise.all([once(child, "exit"), once(lines, "close")]);
  }

  static start(program: string, input: ClientInput): ClientProcess {
    const child = spawn(process.execPath, [program, JSON.stringify(input)], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    return new ClientProcess(input, child);
  }

  /** Operations that were carried out so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Operations that ended with an error so far. */
  get failed(): number {
    return this.#failed;
  }

  get operations(): readonly Operation[] {
    return operationsOf(this.name, this.#lines);
  }

  get told(): readonly Told[] {
    return this.#lines.flatMap((line) => ("told" in line ? [line.told] : []));
  }

  /** Where its watch is. `undefined`: it has not begun. */
  get position(): string | undefined {
    for (let at = this.#lines.length - 1; at >= 0; at--) {
      const line = this.#lines[at];
      if (line !== undefined && "told" in line) return line.position;
      if (line !== undefined && "passed" in line) return line.passed;
    }
    return undefined;
  }

  /** Lets it finish. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
    if (this.#child.exitCode !== 0) throw new Error(`The client ${this.name} ended by itself.`);
  }

  async kill(): Promise<void> {
    this.end();
    await this.#ended;
  }

  /** Kills it if it still runs. */
  end(): void {
    this.#child.kill("SIGKILL");
  }

  /** Whether its watch has told of a key. */
  hasTold(key: string): boolean {
    return this.#toldKeys.has(key);
  }

  #hear(text: string): void {
    // A kill may cut off the last line.
    if (!text.endsWith("}")) return;
    const line = JSON.parse(text) as JournalLine;
    this.#lines.push(line);
    if ("told" in line) this.#toldKeys.add(line.told.key);
    if (!("ended" in line)) return;
    if (line.outcome.is === "done") this.#acknowledged++;
    else this.#failed++;
  }
}
