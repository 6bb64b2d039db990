import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { create as contentDisposition } from "content-disposition";
import escapeHtml from "escape-html";
import statuses from "statuses";
import vary from "vary";
import { type CookieOptions, setCookie } from "./cookies.js";
import { HeaderList, type HeaderValue } from "./header-list.js";
import { mediaTypeOf, withCharset } from "./media-type.js";
import type { ExpressRequest } from "./request.js";
import { readFile, type SendFileOptions } from "./send-file.js";

type Callback = (error?: Error) => void;
type Chunk = string | Uint8Array;

/** Statuses for which a Response must not have a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
/** Headers of a forwarded response that concern its transfer, not its content. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "content-length",
  "connection",
  "content-encoding",
]);

/**
 * Express's response. `end` completes it, and all sending methods call `end`. Output after that is lost,
 * with a warning on the console.
 */
export class ExpressResponse extends EventEmitter {
  statusCode = 200;
  statusMessage = "";
  readonly locals: Record<string, unknown> = {};
  readonly req: ExpressRequest;
  /** Resolves with the response as soon as it is complete. The function may still be running. */
  readonly ended: Promise<Response>;
  /** Resolves when the file for the response has been read. */
  sending: Promise<void> | undefined;
  readonly #headers = new HeaderList();
  readonly #chunks: Chunk[] = [];
  #finished = false;
  #end: (response: Response) => void = () => undefined;

  constructor(req: ExpressRequest) {
    super();
    this.req = req;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get headersSent(): boolean {
    return this.#finished;
  }
  get finished(): boolean {
    return this.#finished;
  }
  get writableEnded(): boolean {
    return this.#finished;
  }

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  sendStatus(code: number): this {
    this.status(code).type("txt");
    return this.end(statuses.message[code] ?? "Unknown");
  }

  /** Sets headers by name and value. An array becomes several headers. `undefined` changes nothing. */
  set(name: string | Readonly<Record<string, HeaderValue | undefined>>, value?: HeaderValue): this {
    if (typeof name === "object") {
      for (const [each, its] of Object.entries(name)) this.set(each, its);
    } else if (value !== undefined) this.#headers.set(name, value);
    return this;
  }

  header(name: string | Readonly<Record<string, HeaderValue | undefined>>, value?: HeaderValue): this {
    return this.set(name, value);
  }

  setHeader(name: string, value: HeaderValue): this {
    return this.set(name, value);
  }

  get(name: string): string | string[] | undefined {
    return this.#headers.get(name);
  }

  getHeader(name: string): string | string[] | undefined {
    return this.#headers.get(name);
  }

  getHeaders(): Record<string, string | string[]> {
    return this.#headers.entries();
  }

  getHeaderNames(): string[] {
    return Object.keys(this.#headers.entries());
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name);
  }

  append(name: string, value: HeaderValue): this {
    this.#headers.append(name, value);
    return this;
  }

  appendHeader(name: string, value: HeaderValue): this {
    return this.append(name, value);
  }

  removeHeader(name: string): this {
    this.#headers.delete(name);
    return this;
  }

  /** Accepts a media type or a file extension. Anything else changes nothing. */
  type(nameOrType: string): this {
    const mediaType = mediaTypeOf(nameOrType);
    return mediaType === undefined ? this : this.set("Content-Type", withCharset(mediaType));
  }

  contentType(nameOrType: string): this {
    return this.type(nameOrType);
  }

  cookie(name: string, value: unknown, options?: CookieOptions): this {
    return this.append("Set-Cookie", setCookie(name, value, options));
  }

  clearCookie(name: string, options?: CookieOptions): this {
    return this.cookie(name, "", { ...options, maxAge: 0 });
  }

  vary(field: string | string[]): this {
    vary(this as never, field);
    return this;
  }

  links(links: Readonly<Record<string, string>>): this {
    return this.append(
      "Link",
      Object.entries(links).map(([rel, url]) => `<${url}>; rel="${rel}"`),
    );
  }

  location(url: string): this {
    const target = url === "back" ? (this.req.get("Referrer") ?? "/") : url;
    // A header must be ASCII. Text that is already encoded stays as it is.
    return this.set("Location", target.replace(/[^\x21-\x7e]+/g, encodeURIComponent));
  }

  redirect(statusOrUrl: number | string, url?: number | string): this {
    const [status, target] =
      typeof statusOrUrl === "number" ? [statusOrUrl, String(url)] : [Number(url ?? 302), statusOrUrl];
    this.status(status).location(target);
    const shown = escapeHtml(String(this.get("Location")));
    const reason = statuses.message[status] ?? String(status);
    return this.type("html").end(`<p>${reason}. Redirecting to <a href="${shown}">${shown}</a></p>`);
  }

  attachment(filename?: string): this {
    if (filename !== undefined) this.type(extensionOf(filename));
    return this.set("Content-Disposition", contentDisposition(filename?.split("/").at(-1)));
  }

  /** Responds in the format that the request accepts, or with 406 if there is none. */
  format(senders: Readonly<Record<string, (req: ExpressRequest, res: this) => unknown>>): this {
    const types = Object.keys(senders).filter((type) => type !== "default");
    this.vary("Accept");
    const best = types.length === 0 ? false : this.req.accepts(types);
    const chosen = typeof best === "string" ? best : "default";
    const send = senders[chosen];
    if (send === undefined) return this.sendStatus(406);
    if (chosen !== "default") this.type(chosen);
    send(this.req, this);
    return this;
  }

  json(value: unknown): this {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined)
      throw new TypeError(`res.json() cannot send ${typeof value}: it is no JSON value.`);
    return this.set("Content-Type", "application/json; charset=utf-8").end(text);
  }

  jsonp(value: unknown): this {
    const callback = String(this.req.query["callback"] ?? "").replace(/[^[\]\w$.]/g, "");
    if (callback === "") return this.json(value);
    // The comment makes browsers treat the response as a script only. Line
    // separators would end a line in a script.
    const text = JSON.stringify(value)
      .replace(/\u2028/g, "\\u2028")
      .replace(/\u2029/g, "\\u2029");
    this.set("X-Content-Type-Options", "nosniff").type("text/javascript");
    return this.end(`/**/ typeof ${callback} === 'function' && ${callback}(${text});`);
  }

  /** Sends strings as HTML, bytes unchanged, numbers and booleans as text, and everything else as JSON. */
  send(value?: unknown): this {
    if (value === undefined || value === null) {
      if (value === undefined && this.statusCode === 200) this.status(204);
      this.#headers.delete("Content-Type", "Content-Length", "Transfer-Encoding");
      return this.end();
    }
    const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    if (bytes instanceof Uint8Array) return this.#typed("application/octet-stream").end(bytes);
    if (typeof value === "string") return this.#typed("text/html; charset=utf-8").end(value);
    if (typeof value === "object") return this.json(value);
    return this.#typed("text/plain; charset=utf-8").end(String(value));
  }

  /** Sends a file of the function's folder. Without a callback an error becomes a 404 or 403 response. */
  sendFile(path: string, options?: SendFileOptions | Callback, callback?: Callback): this {
    const done = typeof options === "function" ? options : callback;
    const settings = typeof options === "object" ? options : {};
    this.sending = this.#sendFile(path, settings).then(
      () => done?.(),
      (error: Error & { status?: number }) => {
        if (done !== undefined) return done(error);
        if (error.status === undefined) throw error;
        return void this.sendStatus(error.status);
      },
    );
    // Awaited together with the function. Until then a rejection must not count as unhandled.
    this.sending.catch(() => undefined);
    return this;
  }

  download(
    path: string,
    filename?: string | SendFileOptions | Callback,
    options?: SendFileOptions | Callback,
    callback?: Callback,
  ): this {
    const named = typeof filename === "string";
    this.attachment(named ? filename : path);
    return named
      ? this.sendFile(path, options, callback)
      : this.sendFile(path, filename, options as Callback);
  }

  /** Forwards a response of `fetch`. */
  async pipeFrom(response: Response): Promise<this> {
    this.status(response.status);
    for (const [name, value] of response.headers) {
      if (!HOP_HEADERS.has(name)) this.append(name, value);
    }
    return this.end(new Uint8Array(await response.arrayBuffer()));
  }

  writeHead(
    status: number,
    messageOrHeaders?: string | Readonly<Record<string, HeaderValue>>,
    headers?: Readonly<Record<string, HeaderValue>>,
  ): this {
    checkStatus(status);
    this.status(status);
    if (typeof messageOrHeaders === "string") this.statusMessage = messageOrHeaders;
    return this.set(typeof messageOrHeaders === "object" ? messageOrHeaders : (headers ?? {}));
  }

  /** Collects output until `end`. */
  write(chunk: Chunk): boolean {
    this.#chunks.push(chunk);
    return true;
  }

  // Headers are sent together with the complete response.
  flushHeaders(): void {}

  render(): never {
    throw new Error("res.render() is not supported: there are no templates here. Use res.send().");
  }

  end(data?: Chunk | Callback | null, encoding?: BufferEncoding | Callback, callback?: Callback): this {
    const done = [data, encoding, callback].find((argument) => typeof argument === "function");
    if (this.#finished) {
      // biome-ignore lint/suspicious/noConsole: it is the function's author who must see it
      console.warn("The answer had been sent already; what the function sent after it is lost.");
      return this;
    }
    checkStatus(this.statusCode);
    if (typeof data === "string") {
      this.#chunks.push(typeof encoding === "string" ? Buffer.from(data, encoding) : data);
    } else if (data instanceof Uint8Array) this.#chunks.push(data);
    const { statusCode: status, statusMessage: statusText } = this;
    const body = joined(this.#chunks);
    if (body.byteLength > 0) this.#headers.set("Content-Length", body.byteLength);
    const bodiless = BODILESS.has(status) || this.req.method === "HEAD";
    const response = new Response(bodiless ? null : body, {
      status,
      headers: this.#headers.toHeaders(),
      ...(statusText === "" ? {} : { statusText }),
    });
    this.#finished = true;
    this.#end(response);
    this.emit("finish");
    this.emit("close");
    (done as Callback | undefined)?.();
    return this;
  }

  /** Discards everything set before, for an error response. */
  reset(): void {
    this.#chunks.length = 0;
    this.statusMessage = "";
    this.#headers.delete(...this.getHeaderNames());
  }

  async #sendFile(path: string, options: SendFileOptions): Promise<void> {
    const { bytes, headers } = await readFile(path, options);
    for (const [name, value] of Object.entries({ ...headers, ...options.headers })) {
      if (!this.#headers.has(name) || options.headers?.[name] !== undefined) this.set(name, value);
    }
    this.end(bytes);
  }

  #typed(contentType: string): this {
    if (!this.#headers.has("Content-Type")) this.set("Content-Type", contentType);
    return this;
  }
}

/** @throws RangeError for a status that workerd cannot send, which includes 1xx */
function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return;
  throw new RangeError(`Invalid status code: ${status}. A function answers with 200 to 599.`);
}

function joined(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const parts = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

function extensionOf(filename: string): string {
  return /\.[^./]+$/.exec(filename)?.[0] ?? "";
}
