import type { Socket } from "node:net";
import type { MaybePromise } from "@kvasir/client/namespace";
import { KvError } from "@kvasir/client/namespace";
import type { Admission } from "./admission.js";
import type { Hold } from "./hold.js";
import { ANSWER_CHUNK_BYTES, REASON_PHRASE_LENGTH_MAX, RESPONSE_HELD_BYTES } from "./limits.js";
import type { RequestHead } from "./request.js";
import type { Turns } from "./turns.js";

/** What an exchange needs of the request handler that it belongs to. `M` is what that knows about a request. */
export interface ExchangeOwner<M = unknown> {
  /** What it knows before it has looked at a request. */
  readonly unmatched: M;
  /** Whether the server is shutting down, so that responses should end their connections. */
  readonly closing: boolean;
  /** The memory that its exchanges share. */
  readonly admission: Admission;
  readonly turns: Turns;
  /** Called once, when the response has been handed over or the client has disconnected. */
  answered(exchange: Exchange<M>, status: number): void;
  /** Who the memory of a request is counted for. `address` is the client's; `undefined` on a unix socket. */
  clientOf(exchange: Exchange<M>, address: string | undefined): string;
}

/** Header names and values, alternating. */
export type FlatHeaders = string[];

/** A response whose body is written part by part. Node's `ServerResponse` satisfies it. */
export interface AnswerStream {
  /** Whether nothing that is written can reach the client any more. */
  readonly destroyed: boolean;
  readonly writableNeedDrain: boolean;
  /**
   * Returns `false` if the client reads more slowly than this writes; wait for `drain` before the next part.
   */
  write(part: Uint8Array | string): boolean;
  end(): unknown;
  /** Cuts the connection, so that the client never takes a part of the response for the whole. */
  destroy(): unknown;
  on(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** A request and its response, independent of which server parsed it. */
export abstract class Exchange<M = unknown> {
  readonly request: RequestHead;
  /** Still percent-encoded. */
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  readonly startedMs: number;

  /** What the request handler has found out about the request. */
  matched: M;
  /** Whether the response goes on until the client ends the connection. */
  isEndless = false;
  /** Whether the connection is closed after the response. */
  closesConnection = false;
  /**
   * Whether a response without `Date`, `Connection` and `Keep-Alive` is sent. Its client shows its headers as
   * they are, so they must be only those of the route.
   */
  isBare = false;
  /** Whether the request may arrive for any time, as long as its connection is not silent. */
  mayTakeLong = false;
  /** Whether the request has already ended with an error. What its handler does afterwards is ignored. */
  hasFailed = false;
  /** Ends a response in flight early, if there is a better way than cutting the connection. */
  endEarly: ((error: KvError) => void) | null = null;
  /** The id that the log and the client know the request by. Empty until it is needed. */
  requestId = "";
  /** The length of the response's body, as soon as it is known. */
  answerBytes: number | undefined;
  /** Headers to add to an error response. */
  readonly errorHeaders: FlatHeaders = [];
  /** Headers to add to any response. `null` if there are none. */
  extraHeaders: FlatHeaders | null = null;

  protected readonly owner: ExchangeOwner<M>;
  #hold: Hold | null = null;

  constructor(owner: ExchangeOwner<M>, request: RequestHead) {
    this.owner = owner;
    this.matched = owner.unmatched;
    this.request = request;
    this.startedMs = performance.now();
    const target = targetOf(request.url ?? "/");
    const mark = target.indexOf("?");
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.query = mark === -1 ? "" : target.slice(mark + 1);
  }

  /** Whether the head of the response has been sent. */
  abstract get answering(): boolean;

  /** Whether the client has disconnected. */
  abstract get gone(): boolean;

  abstract get socket(): Socket;

  /** Whether the request has a body that has not arrived completely. */
  abstract get bodyIsArriving(): boolean;

  /** The address of the other end. `undefined` on a unix socket. */
  abstract get remoteAddress(): string | undefined;

  /** The memory that the request holds. Opened on first use, because most requests need none. */
  get hold(): Hold {
    this.#hold ??= this.owner.admission.open(this.owner.clientOf(this, this.remoteAddress), {
      isGone: () => this.gone,
    });
    return this.#hold;
  }

  /**
   * Waits for a turn to do the next part of long work.
   *
   * @throws KvError `bad_request` if the client has disconnected meanwhile, so that the rest is not needed
   */
  async turn(): Promise<void> {
    await this.owner.turns.next();
    if (this.gone) throw new KvError("bad_request", "The client has gone");
  }

  /** Releases all memory that the request holds. Called when its handler is done. */
  letGo(): void {
    this.#hold?.close();
    this.#hold = null;
  }

  /**
   * The whole body. A client that waits for permission to send it gets it.
   *
   * @throws KvError `payload_too_large` over `bytesMax`, `bad_request` if the client disconnects
   */
  abstract readBody(bytesMax: number): Promise<Buffer>;

  /**
   * The body as it arrives, no faster than it is consumed. Throws like {@link readBody}.
   *
   * @param options.heldBytesMax The most of it that its reader holds at a time. @default all of it
   */
  abstract bodyParts(options?: { readonly heldBytesMax: number }): AsyncIterable<Buffer>;

  /** Makes reading the body throw `error`, even while it waits for the client to send more. */
  abstract refuseBody(error: KvError): void;

  /** Sends a complete response. `headers` must contain the content type if there is a body. */
  abstract send(status: number, headers: FlatHeaders, body: string | Uint8Array): void;

  /** Sends a response without a body. */
  abstract sendEmpty(status: number, headers?: FlatHeaders): void;

  /** Sends an error. `reason` becomes the reason phrase, which clients of the binding dialect show. */
  abstract sendError(status: number, headers: FlatHeaders, body: string, reason?: string): void;

  /** Sends the head of a response. The caller writes the body. */
  abstract begin(status: number, headers: FlatHeaders): AnswerStream;

  /** Cuts the connection. */
  abstract destroy(): void;

  sendJson(status: number, value: unknown, headers: FlatHeaders = []): MaybePromise<void> {
    headers.push("Content-Type", "application/json; charset=utf-8");
    return this.sendText(status, headers, JSON.stringify(value));
  }

  /** Sends a text: a short one at once, a long one no faster than the client reads. */
  sendText(status: number, headers: FlatHeaders, text: string): MaybePromise<void> {
    if (text.length <= ANSWER_CHUNK_BYTES) return this.send(status, headers, text);
    headers.push("Content-Length", String(Buffer.byteLength(text)));
    return this.sendParts(status, headers, slices(text), { heldBytes: text.length + RESPONSE_HELD_BYTES });
  }

  /** The same for a text that comes in pieces and is never held as a whole. */
  sendPieces(status: number, headers: FlatHeaders, pieces: Iterable<string>): MaybePromise<void> {
    const chunks = chunked(pieces);
    const first = chunks.next().value ?? "";
    const second = chunks.next();
    if (second.done) return this.send(status, headers, first);
    return this.sendParts(status, headers, resumed([first, second.value], chunks));
  }

  /**
   * Sends a response part by part, no faster than the client reads. Stops when the client disconnects. An
   * error while reading `parts` cuts the connection.
   *
   * @param options.heldBytes How much of it is in memory at a time. @default RESPONSE_HELD_BYTES
   */
  async sendParts(
    status: number,
    headers: FlatHeaders,
    parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
    { heldBytes = RESPONSE_HELD_BYTES }: { readonly heldBytes?: number } = {},
  ): Promise<void> {
    const { hold } = this;
    await hold.charge(heldBytes);
    const answer = this.begin(status, headers);
    if (this.request.method === "HEAD") {
      answer.end();
      return;
    }
    try {
      for await (const part of parts) {
        if (answer.destroyed) return;
        const goOn = answer.write(part);
        hold.moved(part.length);
        if (!goOn) {
          hold.waitsForClient(() => answer.destroy());
          await drained(answer);
          hold.waitsForClient(null);
        }
        await this.owner.turns.next();
        if (answer.destroyed) return;
      }
      answer.end();
    } catch (error) {
      answer.destroy();
      throw error;
    }
  }
}

function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = at + ANSWER_CHUNK_BYTES;
    // The halves of a surrogate pair, written separately, would become two unknown characters.
    if (/[\ud800-\udbff]/.test(text[end - 1] ?? "")) end++;
    yield text.slice(at, end);
    at = end;
  }
}

function* resumed(first: readonly string[], rest: Iterable<string>): Generator<string> {
  yield* first;
  yield* rest;
}

/** Gathers small pieces of text into larger parts. */
function* chunked(pieces: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= ANSWER_CHUNK_BYTES) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}

/** Resolves when the client has received what was written, or has disconnected. */
export function drained(answer: AnswerStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      answer.off("drain", done);
      answer.off("close", done);
      resolve();
    };
    answer.on("drain", done);
    answer.on("close", done);
    if (answer.destroyed) done();
  });
}

/** Printable ASCII only: anything else in a status line is a header injection or breaks clients. */
export function reasonPhrase(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, REASON_PHRASE_LENGTH_MAX);
}

/** The length of a body that follows a head. `undefined` if the head does not say it. */
export function lengthIn(headers: FlatHeaders): number | undefined {
  const at = headers.indexOf("Content-Length");
  return at === -1 ? undefined : Number(headers[at + 1]);
}

/** Whether a response with this status never has a body, and therefore no length. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

/** A proxy may send the whole URL in the request line. */
function targetOf(url: string): string {
  if (url.startsWith("/")) return url;
  const match = /^https?:\/\/[^/?#]*/i.exec(url);
  const rest = match === null ? url : url.slice(match[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}
