import { isKvErrorCode, KvError } from "../namespace/errors.js";
import type { KvChange, KvWatchOptions } from "../namespace/kv-namespace.js";
import { EventStreamParser, type ServerEvent } from "./event-stream.js";
import { RETRY_DELAY_MS, RETRY_DELAY_MS_MAX, WATCH_RESUMES_MAX, WATCH_SILENCE_MS_MAX } from "./limits.js";
import { pause, type Requester } from "./requester.js";

/**
 * A namespace's changes, in order. A connection that is cut, or has fallen silent, is made anew and resumes after
 * the last position that was seen. Ends when `signal` is aborted.
 */
export async function* watch(
  requester: Requester,
  { prefix, since, signal }: KvWatchOptions,
): AsyncGenerator<KvChange, void> {
  let last = since === undefined ? "" : String(since);
  let failures = 0;
  while (!signal?.aborted) {
    try {
      for await (const { id, event, data } of connection(requester, { prefix, last, signal })) {
        failures = 0;
        last = id || last;
        if (event === "error") throw errorOf(data);
        if (data === undefined || !isChangeType(event)) continue;
        yield { type: event, ...changeOf(data), position: last };
      }
    } catch (error) {
      if (signal?.aborted) return;
      const cutOff = error instanceof KvError && error.code === "unavailable";
      if (!cutOff || failures >= WATCH_RESUMES_MAX) throw error;
    }
    await pause(Math.min(RETRY_DELAY_MS * 2 ** failures++, RETRY_DELAY_MS_MAX), signal);
  }
}

/** The events of one connection, until it ends. */
async function* connection(
  requester: Requester,
  query: { prefix: string | undefined; last: string; signal: AbortSignal | undefined },
): AsyncGenerator<ServerEvent, void> {
  const params = new URLSearchParams({ watch: "true" });
  if (query.prefix) params.set("prefix", query.prefix);
  if (query.last) params.set("since", query.last);
  // Of its own for each connection, so that the watch's signal does not collect one listener for each.
  const controller = new AbortController();
  const end = () => controller.abort();
  query.signal?.addEventListener("abort", end, { signal: controller.signal });
  try {
    const { response, settle } = await requester.send(`/?${params}`, {
      headers: { Accept: "text/event-stream" },
      signal: controller.signal,
    });
    settle();
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    const parser = new EventStreamParser();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await soon(reader.read());
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Not the body's cancel(), which would wait for a connection that is stuck.
    end();
  }
}

/** What arrives within the longest silence; a cut connection is `unavailable` like one that never was. */
async function soon<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new KvError("unavailable", `Heard nothing for ${WATCH_SILENCE_MS_MAX} ms`));
    }, WATCH_SILENCE_MS_MAX);
  });
  try {
    return await Promise.race([reading, silence]);
  } catch (cause) {
    throw cause instanceof KvError ? cause : new KvError("unavailable", "The watch was cut off", { cause });
  } finally {
    clearTimeout(timer);
  }
}

function isChangeType(event: string): event is KvChange["type"] {
  return event === "put" || event === "delete" || event === "expire";
}

/** Why the server has ended the watch. */
function errorOf(data = "{}"): KvError {
  const { code, message, hint } = JSON.parse(data) as { code?: string; message?: string; hint?: string };
  return new KvError(isKvErrorCode(code) ? code : "internal", message ?? "The server ended this watch", {
    hint,
  });
}

function changeOf(data: string): Omit<KvChange, "type" | "position"> {
  const { key, version, more } = JSON.parse(data) as KvChange;
  return more ? { key, version, more } : { key, version };
}
