import { takeNotes } from "./output.js";

/** Shows how far a command is, on a terminal. */
export interface EntryProgress {
  /** Entries so far, and how much of the total is done. */
  update(entries: number, done: number): void;
  stop(): void;
}

/** Shows how far a command is, on a terminal. */
export interface ByteProgress {
  /** `total` may be 0 until it is known. */
  update(value: number, total: number): void;
  /** Ends the bar and removes it. */
  stop(): void;
}

const NO_BAR = { update() {}, stop() {} };

/** Rates are averages of so many updates. */
const ETA_SAMPLES = 50;
/** Messages that wait for the next time the bar is drawn. */
const NOTES_WAITING_MAX = 100;

/**
 * A bar on standard error with the number of entries, their rate and the time left. Shows nothing where standard error
 * is not a terminal.
 *
 * @param total what `done` counts towards; `undefined` if it is not known
 */
export async function entryProgress(total: () => Promise<number | undefined>): Promise<EntryProgress> {
  if (process.stderr.isTTY !== true) return NO_BAR;
  const known = await total();
  const bar = await startBar({
    format:
      known === undefined
        ? "{entries} entries, {rate}/s, {duration_formatted}"
        : "[{bar}] {percentage}% | {entries} entries, {rate}/s, {eta_formatted} left",
    total: known ?? 1,
    payload: { entries: "0", rate: "0" },
  });
  const startedMs = performance.now();
  return {
    update(entries, done) {
      const rate = Math.round((entries / (performance.now() - startedMs)) * 1000);
      bar.update(known === undefined ? 0 : Math.min(done, known), {
        entries: entries.toLocaleString("en-US"),
        rate: rate.toLocaleString("en-US"),
      });
    },
    stop: () => bar.stop(),
  };
}

/** A bar of bytes with rate and time left. Shows nothing where standard error is not a terminal, nor with `json`. */
export async function byteProgress({ json }: { readonly json: boolean }): Promise<ByteProgress> {
  if (json || process.stderr.isTTY !== true) return NO_BAR;
  const startedMs = performance.now();
  const payload = (value: number, total: number) => ({
    megabytes: Math.round(value / 1e6),
    megabytesTotal: Math.round(total / 1e6),
    rate: Math.round(value / 1e3 / Math.max(1, performance.now() - startedMs)),
  });
  const bar = await startBar({
    format: "[{bar}] {percentage}% | {megabytes}/{megabytesTotal} MB, {rate} MB/s, {eta_formatted} left",
    total: 1,
    payload: payload(0, 0),
  });
  return {
    update(value, total) {
      bar.setTotal(total);
      bar.update(value, payload(value, total));
    },
    stop: () => bar.stop(),
  };
}

interface Bar {
  setTotal(total: number): void;
  update(value: number, payload: object): void;
  stop(): void;
}

interface BarStart {
  readonly format: string;
  readonly total: number;
  readonly payload: object;
}

/**
 * A bar in the last line. Messages appear above it. A stack of one bar, because a single bar of this library saves the
 * place of the cursor, and returns to it after other lines have moved it.
 */
async function startBar({ format, total, payload }: BarStart): Promise<Bar> {
  const { default: cliProgress } = await import("cli-progress");
  const stack = new cliProgress.MultiBar(
    {
      format,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      // The library cuts the bar off at the width of the terminal, and messages are wrapped.
      linewrap: true,
      // It would take the first Ctrl-C away from the program.
      gracefulExit: false,
      // Leaves room for the figures.
      barsize: Math.max(10, Math.min(40, (process.stderr.columns ?? 80) - 45)),
      etaBuffer: ETA_SAMPLES,
    },
    cliProgress.Presets.rect,
  );
  const bar = stack.create(total, 0, payload);
  let waiting = 0;
  const endNotes = takeNotes((text) => {
    stack.log(text);
    if (++waiting < NOTES_WAITING_MAX) return;
    waiting = 0;
    stack.update();
  });
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    endNotes();
    for (const name of SIGNALS) process.off(name, onSignal);
    // Shows the messages that are waiting.
    stack.update();
    stack.stop();
  };
  const onSignal = (name: NodeJS.Signals) => {
    stop();
    // The signal ends the process, unless the command itself listens to it.
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    setTotal: (value) => bar.setTotal(value),
    update: (value, shown) => bar.update(value, shown),
    stop,
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
