import { connect, type Socket } from "node:net";

const END_OF_HEAD = "\r\n\r\n";

/**
 * One kept-alive HTTP connection that sends prepared requests and only looks for the end of the response. The
 * less work the generator does per request, the less it measures itself.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #onAnswer: ((isGood: boolean) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk as Buffer));
    // If the connection breaks, the request in flight counts as failed.
    socket.on("error", () => this.#answer(false));
    socket.on("close", () => this.#answer(false));
  }

  static open(url: string): Promise<HttpConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new HttpConnection(socket)));
    });
  }

  /** Only one request at a time. */
  send(request: Buffer, onAnswer: (isGood: boolean) => void): void {
    this.#onAnswer = onAnswer;
    // A broken connection stays in use. A request on it fails, so that its caller does not wait for ever.
    if (this.#socket.destroyed) setImmediate(() => this.#answer(false));
    else this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(END_OF_HEAD);
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`An answer without Content-Length:\n${head}`);
    if (this.#received.length < headEnd + END_OF_HEAD.length + Number(length)) return;
    this.#received = Buffer.alloc(0);
    this.#answer(head.startsWith("HTTP/1.1 2"));
  }

  #answer(isGood: boolean): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(isGood);
  }
}

/** The bytes of a request, which can be sent repeatedly. */
export function requestBytes(request: {
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}): Buffer {
  const { url, method, path, headers, body } = request;
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${head.join("\r\n")}${END_OF_HEAD}${body}`);
}
