import { drained, type Exchange } from "./exchange.js";

export type ServerSentEvent =
  | {
      readonly id?: string;
      readonly event: string;
      /** One line. */
      readonly data: string;
    }
  /** Nothing happened: only where to resume from. */
  | { readonly id: string; readonly event?: never };

/** Server-sent events, and comments while there are none, so that both ends notice when the other has gone. */
export class EventStreams {
  readonly #heartbeatIntervalMs: number;
  readonly #open = new Set<AbortController>();

  constructor({ heartbeatIntervalMs }: { readonly heartbeatIntervalMs: number }) {
    this.#heartbeatIntervalMs = heartbeatIntervalMs;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Ends all streams. */
  close(): void {
    for (const controller of this.#open) controller.abort();
  }

  /**
   * Answers with the events that `source` yields until it ends, the client goes, or the server closes; in the
   * last two cases the signal that `source` got is aborted.
   */
  async send(
    exchange: Exchange,
    source: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
  ): Promise<void> {
    const { response } = exchange;
    const controller = new AbortController();
    this.#open.add(controller);
    response.on("close", () => controller.abort());
    const heartbeat = setInterval(() => {
      // A reader that does not read is no reason to gather heartbeats.
      if (!response.writableNeedDrain) response.write(":\n\n");
    }, this.#heartbeatIntervalMs);
    try {
      exchange.begin(200, ["Content-Type", "text/event-stream", "Cache-Control", "no-store"]);
      response.write(":\n\n");
      for await (const event of source(controller.signal)) {
        if (controller.signal.aborted) break;
        if (!response.write(blockOf(event))) await drained(response);
      }
    } finally {
      clearInterval(heartbeat);
      this.#open.delete(controller);
      if (exchange.answering) response.end();
    }
  }
}

function blockOf(sent: ServerSentEvent): string {
  const id = sent.id === undefined ? "" : `id: ${sent.id}\n`;
  return sent.event === undefined ? `${id}\n` : `${id}event: ${sent.event}\ndata: ${sent.data}\n\n`;
}
