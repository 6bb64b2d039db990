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
  /** Whether the server is shutting down, so that answers should end their connections. */
  readonly closing: boolean;
  /** The memory that its exchanges share. */
  readonly admission: Admission;
  readonly turns: Turns;
  /** Called once, when the answer is on its way or the client has gone. */
  answered(exchange: Exchange<M>, status: number): void;
  /** Who the memory of a request is counted for. `address` is the client's; `undefined` on a unix socket. */
  clientOf(exchange: Exchange<M>, address: string | undefined): string;
}

/** Header names and values in turn. */
export type FlatHeaders = string[];

/** An answer whose body is written part by part. Node's `ServerResponse` is one. */
export interface AnswerStream {
  /** Whether nobody takes what is written any more. */
  readonly destroyed: boolean;
  readonly writableNeedDrain: boolean;
  /** `false`: the client reads more slowly than this; `drain` tells when to go on. */
  write(part: Uint8Array | string): boolean;
  end(): unknown;
  /** Cuts the connection, so that a part is never taken for the whole. */
  destroy(): unknown;
  on(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** One request and its answer, whoever reads the one and writes the other. */
export abstract class Exchange<M = unknown> {
  readonly request: RequestHead;
  /** Still percent-encoded. */
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  readonly startedMs: number;

  /** What the request handler has found out about the request. */
  matched: M;
  /** Whether the answer goes on until the client ends the connection. */
  isEndless = false;
  /** Whether the connection is closed after the response. */
  closesConnection = false;
  /** Whether it was ended with an error already; what its handler does after that is of no interest. */
  hasFailed = false;
  /** Ends a response under way before it is whole, where there is a better way than to cut the connection. */
  endEarly: ((error: KvError) => void) | null = null;
  /** What an error's answer says beside what is wrong. */
  readonly errorHeaders: FlatHeaders = [];

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

  /** Whether the head of the answer is on its way. */
  abstract get answering(): boolean;

  /** Whether the client has gone. */
  abstract get gone(): boolean;

  abstract get socket(): Socket;

  /** Whether a body was announced that is not here yet. */
  abstract get bodyIsArriving(): boolean;

  /** The client's address; `undefined` on a unix socket. */
  protected abstract get remoteAddress(): string | undefined;

  /** The memory that the request holds. Opened when first asked for: most requests need none. */
  get hold(): Hold {
    this.#hold ??= this.owner.admission.open(this.owner.clientOf(this, this.remoteAddress), {
      isGone: () => this.gone,
    });
    return this.#hold;
  }

  /**
   * Waits for the turn of a part of the work that takes long.
   *
   * @throws KvError `bad_request` where the client has gone meanwhile: nobody waits for the rest
   */
  async turn(): Promise<void> {
    await this.owner.turns.next();
    if (this.gone) throw new KvError("bad_request", "The client has gone");
  }

  /** Gives back all that the request holds: its handler is done. */
  letGo(): void {
    this.#hold?.close();
    this.#hold = null;
  }

  /**
   * The whole body; a client that waits for leave to send it gets it.
   *
   * @throws KvError `payload_too_large` over `bytesMax`, `bad_request` where the client goes away
   */
  abstract readBody(bytesMax: number): Promise<Buffer>;

  /**
   * The body as it arrives, no faster than it is taken. Throws as {@link readBody} does.
   *
   * @param options.heldBytesMax the most of it that its reader keeps at a time. @default all of it
   */
  abstract bodyParts(options?: { readonly heldBytesMax: number }): AsyncIterable<Buffer>;

  /** Makes reading the body throw `error`, also where it waits for the client to send more. */
  abstract refuseBody(error: KvError): void;

  /** Sends a whole answer. `headers` must hold the content type where there is a body. */
  abstract send(status: number, headers: FlatHeaders, body: string | Uint8Array): void;

  /** An answer without a body. */
  abstract sendEmpty(status: number, headers?: FlatHeaders): void;

  /** Sends an error. `reason` is what clients of the binding dialect show, so it becomes the reason phrase. */
  abstract sendError(status: number, headers: FlatHeaders, body: string, reason?: string): void;

  /** Sends the head of an answer whose body its caller writes. */
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

  /** The same for a text that comes in pieces, and is never held whole. */
  sendPieces(status: number, headers: FlatHeaders, pieces: Iterable<string>): MaybePromise<void> {
    const chunks = chunked(pieces);
    const first = chunks.next().value ?? "";
    const second = chunks.next();
    if (second.done) return this.send(status, headers, first);
    return this.sendParts(status, headers, resumed([first, second.value], chunks));
  }

  /**
   * Sends an answer part by part, no faster than the client reads. Stops when the client goes; an error while
   * `parts` are read cuts the connection.
   *
   * @param options.heldBytes what of it lies in memory at a time. @default RESPONSE_HELD_BYTES
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
    // Halves of a surrogate pair would be written as two unknown characters.
    if (/[\ud800-\udbff]/.test(text[end - 1] ?? "")) end++;
    yield text.slice(at, end);
    at = end;
  }
}

function* resumed(first: readonly string[], rest: Iterable<string>): Generator<string> {
  yield* first;
  yield* rest;
}

/** Gathers small pieces of text to parts worth writing. */
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

/** A client that has gone is not waited for. */
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

/** Printable ASCII only: anything else in a status line is a header injection or a broken client. */
export function reasonPhrase(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, REASON_PHRASE_LENGTH_MAX);
}

/** A status whose answer has no body by definition, and so no length either. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

/** A proxy may name the whole URL in the request line. */
function targetOf(url: string): string {
  if (url.startsWith("/")) return url;
  const match = /^https?:\/\/[^/?#]*/i.exec(url);
  const rest = match === null ? url : url.slice(match[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}
