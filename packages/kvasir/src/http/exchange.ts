import type { IncomingMessage, ServerResponse } from "node:http";
import { ADMIN, type Principal } from "./auth/scope.js";
import {
  ANSWER_CHUNK_BYTES,
  ONE_WRITE_BYTES_MAX,
  REASON_PHRASE_LENGTH_MAX,
  REFUSED_BODY_BYTES_MAX,
} from "./limits.js";
import type { CompiledRoute } from "./router.js";

/** What an exchange tells the server that it belongs to. */
export interface ExchangeOwner {
  /** Whether the server is shutting down, so that answers should end their connections. */
  readonly closing: boolean;
  /** Called once, when the answer is on its way or the client has gone. */
  answered(exchange: Exchange, status: number): void;
}

/** Header names and values in turn: what `writeHead` sends without building an object from it. */
export type FlatHeaders = string[];

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Still percent-encoded. */
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  readonly startedMs: number;

  /** Set when a route matched. */
  compiled: CompiledRoute | null = null;
  params: readonly string[] = [];
  /** The namespace that the request is about, `""` where it is about none. */
  namespaceId = "";
  principal: Principal = ADMIN;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue = false;

  readonly #owner: ExchangeOwner;

  constructor(owner: ExchangeOwner, request: IncomingMessage, response: ServerResponse) {
    this.#owner = owner;
    this.request = request;
    this.response = response;
    this.startedMs = performance.now();
    const target = targetOf(request.url ?? "/");
    const mark = target.indexOf("?");
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.query = mark === -1 ? "" : target.slice(mark + 1);
  }

  /** The key's segment of the path, still percent-encoded. */
  get rawKey(): string {
    return this.params[this.compiled?.keyIndex ?? -1] ?? "";
  }

  get answering(): boolean {
    return this.response.headersSent;
  }

  /** Sends a whole answer. `headers` must hold the content type where there is a body. */
  send(status: number, headers: FlatHeaders, body: string | Uint8Array): void {
    const { response } = this;
    headers.push(
      "Content-Length",
      String(typeof body === "string" ? Buffer.byteLength(body) : body.byteLength),
    );
    if (this.#owner.closing) response.setHeader("Connection", "close");
    response.writeHead(status, headers);
    if (this.request.method === "HEAD") {
      response.end();
    } else if (typeof body === "string") {
      endInOneWrite(response, body, "utf8");
    } else if (body.byteLength <= ONE_WRITE_BYTES_MAX) {
      // Latin-1 stands for the same bytes, and as text they join the head.
      endInOneWrite(response, latin1Slice.call(body, 0, body.byteLength), "latin1");
    } else {
      response.end(body);
    }
    this.#owner.answered(this, status);
  }

  sendJson(status: number, value: unknown, headers: FlatHeaders = []): void {
    headers.push("Content-Type", "application/json; charset=utf-8");
    this.send(status, headers, JSON.stringify(value));
  }

  /** An answer without a body. */
  sendEmpty(status: number, headers: FlatHeaders = []): void {
    // These two have no body by definition, so no length either.
    if (status !== 204 && status !== 304) headers.push("Content-Length", "0");
    if (this.#owner.closing) this.response.setHeader("Connection", "close");
    this.response.writeHead(status, headers);
    this.response.end();
    this.#owner.answered(this, status);
  }

  /** Sends an error. `reason` is what clients of the binding dialect show, so it becomes the reason phrase. */
  sendError(status: number, headers: FlatHeaders, body: string, reason?: string): void {
    const { response } = this;
    headers.push("Content-Length", String(Buffer.byteLength(body)));
    if (this.expectsContinue || this.#owner.closing) response.setHeader("Connection", "close");
    else this.#discardBody();
    if (reason === undefined) response.writeHead(status, headers);
    else response.writeHead(status, reasonPhrase(reason), headers);
    response.end(body);
    this.#owner.answered(this, status);
  }

  /**
   * Sends an answer part by part, no faster than the client reads. Stops when the client goes; an error while
   * `parts` are read cuts the connection, so that a part is never taken for the whole.
   */
  async sendParts(
    status: number,
    headers: FlatHeaders,
    parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  ): Promise<void> {
    const { response } = this;
    this.begin(status, headers);
    if (this.request.method === "HEAD") {
      response.end();
      return;
    }
    try {
      for await (const part of parts) {
        if (response.destroyed) return;
        if (!response.write(part)) await drained(response);
      }
      response.end();
    } catch (error) {
      response.destroy();
      throw error;
    }
  }

  /** Sends the head of an answer whose body its caller writes. */
  begin(status: number, headers: FlatHeaders): void {
    if (this.#owner.closing) this.response.setHeader("Connection", "close");
    this.response.writeHead(status, headers);
    this.#owner.answered(this, status);
  }

  /** Tells a client that waits for it to send its body. */
  acceptBody(): void {
    if (!this.expectsContinue) return;
    this.expectsContinue = false;
    this.response.writeContinue();
  }

  /** Takes in what is left of a refused body, up to a bound: a client that is still sending reads no answer. */
  #discardBody(): void {
    const { request } = this;
    if (request.complete || request.destroyed) return;
    let bytes = 0;
    request.on("error", ignore);
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > REFUSED_BODY_BYTES_MAX) request.destroy();
    });
    request.resume();
  }
}

/**
 * Head and body in one write. `end(body)` corks the socket and hands it two pieces, of which the second is empty, so
 * that they are gathered: 2.4 of the 21 µs that a GET took (Node 20). `_send` is what `write` and `end` call in Node 20
 * to 26; a Node that has it no more takes the usual way.
 */
function endInOneWrite(response: ServerResponse, body: string, encoding: "latin1" | "utf8"): void {
  const inner = response as { _send?: (data: string, encoding: string) => boolean };
  if (inner._send === undefined) {
    response.end(body, encoding);
    return;
  }
  inner._send(body, encoding);
  response.end();
}

/** Straight from the bytes: making a Buffer of them first costs more than the reading. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Gathers small pieces of text to parts worth writing. */
export function* chunked(pieces: Iterable<string>): Generator<string> {
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
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
    if (response.destroyed) done();
  });
}

/** A proxy may name the whole URL in the request line. */
function targetOf(url: string): string {
  if (url.startsWith("/")) return url;
  const match = /^https?:\/\/[^/?#]*/i.exec(url);
  const rest = match === null ? url : url.slice(match[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** Printable ASCII only: anything else in a status line is a header injection or a broken client. */
function reasonPhrase(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, REASON_PHRASE_LENGTH_MAX);
}

function ignore(): void {}
