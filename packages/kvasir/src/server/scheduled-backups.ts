import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { ringEntries } from "@kvasir/store";
import type { EventSink } from "../events/events.js";
import { BACKUP_STOP_MS_MAX } from "./limits.js";

export interface ScheduledBackupsOptions {
  /** The folder of the backups. */
  readonly ring: string;
  /** The data directory. */
  readonly data: string;
  readonly everyMs: number;
  /** How many backups stay. */
  readonly keep: number;
  readonly onEvent: EventSink;
}

/** What a command prints on stderr with `--json` when it fails. */
interface PrintedFailure {
  readonly message?: string;
  readonly hint?: string;
}

/**
 * Makes backups of a server's data while it runs. Each is made by a process of its own, so that copying and checking
 * neither delay requests nor end the server if the data are damaged. The first one is due at once, unless the ring has
 * one that is younger than the interval: a server that restarts often must not make one each time.
 */
export class ScheduledBackups {
  readonly #options: ScheduledBackupsOptions;
  #timer: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  /** The failure that was reported last, until a backup succeeds. */
  #failure: string | undefined;
  #stopped = false;

  constructor(options: ScheduledBackupsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(this.#untilDueMs());
  }

  /** Ends a backup that is being made. Nothing of it is left behind. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const closed = once(child, "close");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), BACKUP_STOP_MS_MAX);
    await closed;
    clearTimeout(timer);
  }

  #untilDueMs(): number {
    const { ring, everyMs } = this.#options;
    const lastMs = ringEntries(ring).at(-1)?.manifest.atMs;
    const ageMs = lastMs === undefined ? everyMs : Date.now() - lastMs;
    // A time that is yet to come is that of a clock that was set back.
    return ageMs < 0 ? 0 : Math.max(0, everyMs - ageMs);
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      const startedMs = performance.now();
      void this.#make().finally(() => {
        this.#schedule(Math.max(0, this.#options.everyMs - (performance.now() - startedMs)));
      });
    }, ms);
  }

  async #make(): Promise<void> {
    const { ring, data, keep } = this.#options;
    const args = ["backup", ring, "--local", "--data", data, "--keep", String(keep), "--json"];
    const child = fork(process.argv[1] ?? "", args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child = child;
    let printed = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-PRINTED_LENGTH_MAX);
    });
    child.on("error", ({ message }) => {
      printed = JSON.stringify({ message });
    });
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    this.#child = undefined;
    if (this.#stopped) return;
    if (code === 0) this.#succeeded();
    else
      this.#failed(
        failureIn(printed) ?? { message: `The process that made it ended (${signal ?? `code ${code}`}).` },
      );
  }

  #succeeded(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    const message = `Backups to ${this.#options.ring} are made again.`;
    this.#options.onEvent({ event: "log", level: "info", message });
  }

  /** Reports a failure once: a full disk stays full for many intervals. */
  #failed({ message, hint }: PrintedFailure): void {
    if (message === this.#failure) return;
    this.#failure = message;
    const text = `The backup to ${this.#options.ring} failed: ${message} The next one is tried in time.`;
    this.#options.onEvent({ event: "error", message: text, ...(hint === undefined ? {} : { hint }) });
  }
}

const PRINTED_LENGTH_MAX = 10_000;

function failureIn(printed: string): PrintedFailure | undefined {
  const line = printed.trimEnd().split("\n").at(-1) ?? "";
  try {
    const failure = JSON.parse(line) as PrintedFailure;
    return typeof failure.message === "string" ? failure : undefined;
  } catch {
    return undefined;
  }
}
