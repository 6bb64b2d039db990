/** How far a command is, shown on stderr. */
export interface ProgressBar {
  /** `total` may be 0 until it is known. */
  update(value: number, total: number): void;
  /** Ends the bar and removes it. */
  stop(): void;
}

const NONE: ProgressBar = { update() {}, stop() {} };

/** A bar of bytes with rate and time left. Shows nothing unless stderr is a terminal, nor with `json`. */
export async function startByteProgress({ json }: { readonly json: boolean }): Promise<ProgressBar> {
  if (json || process.stderr.isTTY !== true) return NONE;
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: "{bar} {percentage}% | {megabytes}/{megabytesTotal} MB | {rate} MB/s | {eta_formatted} left",
    clearOnComplete: true,
    hideCursor: true,
    barsize: 30,
  });
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
