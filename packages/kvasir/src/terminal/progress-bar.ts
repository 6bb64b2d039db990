/** Shows how far a command is, on a terminal. */
export interface ProgressBar {
  /** Entries so far, and how much of the total is done. */
  update(entries: number, done: number): void;
  stop(): void;
}

const NO_BAR: ProgressBar = { update() {}, stop() {} };

/**
 * A bar on standard error with the number of entries, their rate and the time left. Shows nothing where standard error
 * is not a terminal.
 *
 * @param total what `done` counts towards; `undefined` if it is not known
 */
export async function progressBar(total: () => Promise<number | undefined>): Promise<ProgressBar> {
  if (process.stderr.isTTY !== true) return NO_BAR;
  const { default: cliProgress } = await import("cli-progress");
  const known = await total();
  const format =
    known === undefined
      ? "{entries} entries, {rate}/s, {duration_formatted}"
      : "[{bar}] {percentage}% | {entries} entries, {rate}/s, {eta_formatted} left";
  const bar = new cliProgress.SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: ETA_SAMPLES },
    cliProgress.Presets.rect,
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

const ETA_SAMPLES = 50;
