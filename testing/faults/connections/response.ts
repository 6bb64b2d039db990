/** A complete response as received. */
export interface Response {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether the server says that it ends the connection after this. */
  readonly closes: boolean;
}

/** The bytes are not HTTP, or not a response to the request. */
export class MalformedResponse extends Error {}

const HEAD_BYTES_MAX = 65_536;

/**
 * Splits the bytes from a server on one connection into responses. It is strict: a byte too many or too few
 * becomes a {@link MalformedResponse} where the next response should begin.
 */
export class ResponseReader {
  #bytes: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #ended = false;

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
  }

  /** Call it when the server has ended its side. */
  end(): void {
    this.#ended = true;
  }

  /** The bytes that do not belong to a response so far. */
  get rest(): Buffer {
    if (this.#chunks.length > 0) this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks]);
    this.#chunks = [];
    return this.#bytes;
  }

  /** The next response to a request with this method, or `null` if it is not complete. */
  next(method: string): Response | null {
    const bytes = this.rest;
    const headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd === -1) {
      const start = bytes.toString("latin1", 0, 9);
      if (!"HTTP/1.1 ".startsWith(start))
        throw new MalformedResponse(`No response begins with ${shown(bytes)}`);
      if (bytes.byteLength > HEAD_BYTES_MAX) throw new MalformedResponse("The head of a response has no end");
      return null;
    }
    const head = headOf(bytes.toString("latin1", 0, headEnd));
    const body = this.#body(head, bytes.subarray(headEnd + 4), method);
    if (body === null) return null;
    this.#bytes = bytes.subarray(headEnd + 4 + body.taken);
    return { ...head, body: body.bytes };
  }

  #body(head: Head, rest: Buffer, method: string): Body | null {
    const { status, headers } = head;
    if (method === "HEAD" || status < 200 || status === 204 || status === 304)
      return { bytes: EMPTY, taken: 0 };
    if (headers.get("transfer-encoding") === "chunked") return dechunked(rest);
    const length = headers.get("content-length");
    if (length !== undefined) {
      if (!/^\d+$/.test(length)) throw new MalformedResponse(`A length of ${length}`);
      const taken = Number(length);
      return rest.byteLength < taken ? null : { bytes: rest.subarray(0, taken), taken };
    }
    // Without a length it extends to the end of the connection.
    if (!head.closes) throw new MalformedResponse("A response says neither how long it is nor that it ends");
    return this.#ended ? { bytes: rest, taken: rest.byteLength } : null;
  }
}

interface Body {
  readonly bytes: Buffer;
  readonly taken: number;
}

const EMPTY = Buffer.alloc(0);

type Head = Omit<Response, "body">;

function headOf(text: string): Head {
  const [line = "", ...lines] = text.split("\r\n");
  const match = /^HTTP\/1\.1 (\d{3}) ([\x20-\x7e]*)$/.exec(line);
  if (match === null) throw new MalformedResponse(`No status line: ${JSON.stringify(line.slice(0, 100))}`);
  const headers = new Map<string, string>();
  for (const each of lines) {
    const field = /^([A-Za-z0-9-]+): (.*)$/.exec(each);
    if (field === null) throw new MalformedResponse(`No header: ${JSON.stringify(each.slice(0, 100))}`);
    const name = (field[1] as string).toLowerCase();
    if (headers.has(name)) throw new MalformedResponse(`The header ${name} came twice`);
    headers.set(name, field[2] as string);
  }
  if (headers.has("content-length") && headers.has("transfer-encoding")) {
    throw new MalformedResponse("A response has a length and chunks");
  }
  const closes = headers.get("connection")?.toLowerCase() === "close";
  return { status: Number(match[1]), reason: match[2] as string, headers, closes };
}

function dechunked(bytes: Buffer): Body | null {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return null;
    const size = bytes.toString("latin1", at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(size)) throw new MalformedResponse(`A chunk of size ${JSON.stringify(size)}`);
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (bytes.byteLength < end + 2) return null;
    if (bytes.toString("latin1", end, end + 2) !== "\r\n")
      throw new MalformedResponse("A chunk without an end");
    if (end === start) return { bytes: Buffer.concat(parts), taken: end + 2 };
    parts.push(bytes.subarray(start, end));
    at = end + 2;
  }
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1", 0, 60));
}
