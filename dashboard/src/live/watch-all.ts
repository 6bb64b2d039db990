import { EventStreamParser } from "@kvasir/client/http";
import type { Session } from "../session/session.js";

export interface LiveChange {
  /** Counts the changes of this page. */
  readonly number: number;
  /** When it arrived, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly type: string;
  readonly namespace: string;
  readonly key: string;
  readonly version: number;
}

export interface WatchAllOptions {
  readonly signal: AbortSignal;
  onOpen(isOpen: boolean, error?: unknown): void;
  onChange(change: LiveChange): void;
}

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

/** Follows the changes of all namespaces until the signal is aborted. Goes on after a connection that was cut. */
export async function watchAll({ send }: Session, options: WatchAllOptions): Promise<void> {
  const { signal, onOpen, onChange } = options;
  let since: string | undefined;
  let number = 0;
  for (let waitMs = RETRY_MS_MIN; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    try {
      const path = `/kvasir/events${since === undefined ? "" : `?since=${encodeURIComponent(since)}`}`;
      const response = await send(path, { signal });
      if (response.status === 401) return;
      if (!response.ok || response.body === null) throw new Error(`The server says ${response.status}.`);
      onOpen(true);
      waitMs = RETRY_MS_MIN;
      const parser = new EventStreamParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        for (const { id, event, data } of parser.push(read.value)) {
          if (event === "error") {
            // The position is forgotten: go on with what comes now.
            since = undefined;
            continue;
          }
          if (id !== "") since = id;
          if (data === undefined) continue;
          const { namespace, key, version } = JSON.parse(data) as LiveChange;
          onChange({ number: ++number, atMs: Date.now(), type: event, namespace, key, version });
        }
      }
      onOpen(false);
    } catch (error) {
      if (signal.aborted) return;
      onOpen(false, error);
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
