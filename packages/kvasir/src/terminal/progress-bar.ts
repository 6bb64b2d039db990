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

/**
 * A bar on standard error with the number of entries, their rate and the time left. Shows nothing where standard error
 * is not a terminal.
 *
 * @param total what `done` counts towards; `undefined` if it is not known
 */
export async function entryProgress(total: () => Promise<number | undefined>): Promise<EntryProgress> {
  if (process.stderr.isTTY !== true) return NO_BAR;
  const known = await total();
  const bar = await barOf(
    known === undefined
      ? "{entries} entries, {rate}/s, {duration_formatted}"
      : "[{bar}] {percentage}% | {entries} entries, {rate}/s, {eta_formatted} left",
  );
  const startedMs = performance.now();
  bar.start(known ?? 1, 0, { entries: "0", rate: "0" });
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
  const bar = await barOf(
    "[{bar}] {percentage}% | {megabytes}/{megabytesTotal} MB, {rate} MB/s, {eta_formatted} left",
  );
  const startedMs = performance.now();
  const payload = (value: number, total: number) => ({
    megabytes: Math.round(value / 1e6),
    megabytesTotal: Math.round(total / 1e6),
    rate: Math.round(value / 1e3 / Math.max(1, performance.now() - startedMs)),
  });
  bar.start(1, 0, payload(0, 0));
  return {
    update(value, total) {
      bar.setTotal(total);
      bar.update(value, payload(value, total));
    },
    stop: () => bar.stop(),
  };
}

async function barOf(format: string) {
  const { default: cliProgress } = await import("cli-progress");
  return new cliProgress.SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: ETA_SAMPLES },
    cliProgress.Presets.rect,
  );
}
