import { SAME_SIGNAL_MS, SHUTDOWN_MS_MAX } from "./limits.js";

/**
 * Ends the process with 0 once `close` has finished after SIGTERM or SIGINT, or when the time for that is up:
 * what was acknowledged is on disk already. A second signal, a moment later, ends it at once.
 */
export function closeOnSignal(close: () => Promise<void>): void {
  let closingSinceMs: number | undefined;
  for (const [signal, number] of [
    ["SIGTERM", 15],
    ["SIGINT", 2],
  ] as const) {
    process.on(signal, () => {
      const nowMs = performance.now();
      if (closingSinceMs !== undefined) {
        if (nowMs - closingSinceMs >= SAME_SIGNAL_MS) process.exit(128 + number);
        return;
      }
      closingSinceMs = nowMs;
      void closeInTime(close).finally(() => process.exit(0));
    });
  }
}

/** Resolves when `close` has, or has failed, or took too long. */
export async function closeInTime(close: () => Promise<void>, msMax = SHUTDOWN_MS_MAX): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, msMax);
  });
  await Promise.race([close().catch(() => {}), deadline]);
  clearTimeout(timer);
}
