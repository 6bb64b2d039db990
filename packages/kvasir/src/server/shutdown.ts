import { SAME_SIGNAL_MS, SHUTDOWN_MS_MAX } from "./limits.js";

/**
 * Starts what a signal closes, also while it starts.
 *
 * @param start gives the start up when the signal is aborted
 */
export async function startClosable<Server extends { close(): Promise<void> }>(
  start: (signal: AbortSignal) => Promise<Server>,
): Promise<Server> {
  const stopping = new AbortController();
  // First, because a signal without a handler ends the process with another code.
  closeOnSignal(async () => {
    stopping.abort();
    await (await starting).close();
  });
  const starting = start(stopping.signal);
  try {
    return await starting;
  } catch (error) {
    // The process is about to end. That the start was given up is no failure.
    if (stopping.signal.aborted) await new Promise(() => {});
    throw error;
  }
}

/**
 * Ends the process with 0 after SIGTERM or SIGINT, once `close` has finished or its time is up. Acknowledged
 * writes are already on disk. A second signal, a moment later, ends the process at once.
 */
function closeOnSignal(close: () => Promise<void>): void {
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

/** Resolves when `close` has resolved, failed or taken too long. */
export async function closeInTime(close: () => Promise<void>, msMax = SHUTDOWN_MS_MAX): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, msMax);
  });
  await Promise.race([close().catch(() => {}), deadline]);
  clearTimeout(timer);
}
