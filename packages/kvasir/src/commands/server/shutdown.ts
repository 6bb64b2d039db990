import { SHUTDOWN_MS_MAX } from "./limits.js";

/**
 * Ends the process with 0 once `close` has finished after SIGTERM or SIGINT, or when the time for that is up:
 * what was acknowledged is on disk already. A second signal ends it at once.
 */
export function closeOnSignal(close: () => Promise<void>): void {
  let closing = false;
  for (const [signal, number] of [
    ["SIGTERM", 15],
    ["SIGINT", 2],
  ] as const) {
    process.on(signal, () => {
      if (closing) process.exit(128 + number);
      closing = true;
      void closeInTime(close).finally(() => process.exit(0));
    });
  }
}

/** Resolves when `close` has, or has failed, or took too long. */
export async function closeInTime(close: () => Promise<void>): Promise<void> {
  const deadline = new Promise<void>((resolve) => {
    setTimeout(resolve, SHUTDOWN_MS_MAX).unref();
  });
  await Promise.race([close().catch(() => {}), deadline]);
}
