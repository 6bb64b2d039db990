import { failure } from "./failure.js";
import type { KvChange, KvWatchOptions } from "./kv-namespace.js";

/**
 * A watch as its caller iterates it. A generator alone would queue `return()` behind a `next()` that waits for a change
 * which may never come; here `return()` ends that wait.
 *
 * @param start called at once, so that an embedded store misses nothing from this call on
 */
export function watching(
  start: (signal: AbortSignal) => AsyncIterable<KvChange>,
  { signal }: KvWatchOptions,
): AsyncGenerator<KvChange, void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal?.addEventListener("abort", end, { signal: ending.signal });
  if (signal?.aborted) end();
  const changes = told(start(ending.signal), end);
  const finish = changes.return.bind(changes);
  changes.return = () => {
    end();
    return finish();
  };
  return changes;
}

/** Errors as a namespace has them; `ended` is called at the end, whatever the end is. */
async function* told(changes: AsyncIterable<KvChange>, ended: () => void): AsyncGenerator<KvChange, void> {
  try {
    yield* changes;
  } catch (error) {
    throw failure("WATCH", error);
  } finally {
    ended();
  }
}
