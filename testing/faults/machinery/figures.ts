import type { RunningApi } from "../../harness/running-api.js";

/** The figures that `/metrics` reports. */
export interface Figures {
  readonly heapBytes: number;
  readonly connections: number;
  readonly eventStreams: number;
  readonly bufferedBytes: number;
  /** `undefined` if the server does not count them. */
  readonly unexpectedExceptions: number | undefined;
}

export async function figuresOf(api: RunningApi): Promise<Figures> {
  const text = await (await api.fetch("/metrics")).text();
  const figure = (name: string) => {
    const match = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text);
    return match === null ? undefined : Number(match[1]);
  };
  return {
    heapBytes: figure("nodejs_heap_size_used_bytes") ?? 0,
    connections: figure("kvasir_http_connections") ?? 0,
    eventStreams: figure("kvasir_http_event_streams") ?? 0,
    bufferedBytes: figure("kvasir_http_buffered_bytes") ?? 0,
    unexpectedExceptions: figure("kvasir_unexpected_exceptions_total"),
  };
}
