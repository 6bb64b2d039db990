import { KvError } from "@kvasir/client/namespace";
import { drained, type Exchange } from "./exchange.js";
import { EVENT_STREAMS_MAX } from "./limits.js";

export type ServerSentEvent =
  | {
      readonly id?: string;
      readonly event: string;
      /** A single line. */
      readonly data: string;
    }
  /** No event: only tells the client where to resume from. */
  | { readonly id: string; readonly event?: never };

/** The stream that a source of events feeds. */
export interface EventStream {
  /** Aborted when the stream has ended. */
  readonly signal: AbortSignal;
  /**
   * Sends `id` with the next heartbeat, so that a client that is then cut off can resume from there although
   * no event carried that id.
   */
  passed(id: string): void;
}

export interface EventStreamsOptions {
  readonly heartbeatIntervalMs: number;
  /** @throws KvError if the client may not receive more events */
  checkStillAllowed(exchange: Exchange): void;
}

/**
 * Server-sent events, with comments while there are none, so that either end notices when the other has gone.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = new Set<AbortController>();

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  close(): void {
    for (const controller of this.#open) controller.abort(ENDED);
  }

  /**
   * Sends the events that `source` yields, until it ends, the client disconnects, the server closes or the client's
   * token ends. In the last three cases the signal that `source` got is aborted. A client that must not come back gets
   * the reason as a last event, `error`. An error that the call of `source` throws is one of the request, because the
   * response has not begun yet.
   *
   * @throws KvError `unavailable` if there are {@link EVENT_STREAMS_MAX} streams
   */
  async send(
    exchange: Exchange,
    source: (stream: EventStream) => AsyncIterable<ServerSentEvent>,
  ): Promise<void> {
    if (this.#open.size >= EVENT_STREAMS_MAX) {
      throw new KvError("unavailable", `There are ${EVENT_STREAMS_MAX} watches already`, {
        hint: "End some of them, or use one watch with a shorter prefix instead of many.",
      });
    }
    const controller = new AbortController();
    const { signal } = controller;
    let passedId: string | undefined;
    const passed = (id: string) => {
      passedId = id;
    };
    const events = source({ signal, passed });
    const headers = ["Content-Type", "text/event-stream", "Cache-Control", "no-store"];
    if (exchange.request.method === "HEAD") {
      exchange.begin(200, headers).end();
      return;
    }
    exchange.isEndless = true;
    const answer = exchange.begin(200, headers);
    this.#open.add(controller);
    let refusal: KvError | undefined;
    exchange.endEarly = (error) => {
      refusal = error;
      // A client that does not read cannot be sent a last event, and must not be waited for.
      if (answer.writableNeedDrain) answer.destroy();
      controller.abort(ENDED);
    };
    const gone = () => controller.abort(ENDED);
    answer.on("close", gone);
    // A connection that was closed before does not say so again.
    if (answer.destroyed) gone();
    const heartbeat = setInterval(() => {
      // Skip heartbeats while the client is not reading.
      if (answer.writableNeedDrain) return;
      answer.write(passedId === undefined ? ":\n\n" : blockOf({ id: passedId }));
      passedId = undefined;
    }, this.#options.heartbeatIntervalMs);
    try {
      answer.write(":\n\n");
      for await (const event of events) {
        if (signal.aborted) break;
        this.#options.checkStillAllowed(exchange);
        if (!answer.write(blockOf(event))) await drained(answer);
      }
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      const { code, message, hint } = error;
      if (!answer.destroyed)
        answer.write(blockOf({ event: "error", data: JSON.stringify({ code, message, hint }) }));
    } finally {
      clearInterval(heartbeat);
      this.#open.delete(controller);
      answer.off("close", gone);
      answer.end();
    }
  }
}

/** Why signals are aborted. Left to itself, `abort()` makes an exception with its stack each time. */
const ENDED = "The stream has ended";

function blockOf(sent: ServerSentEvent): string {
  const id = sent.id === undefined ? "" : `id: ${sent.id}\n`;
  return sent.event === undefined ? `${id}\n` : `${id}event: ${sent.event}\ndata: ${sent.data}\n\n`;
}
