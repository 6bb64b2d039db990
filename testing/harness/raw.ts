import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
}

/** Writes bytes as they are, then reads until the server ends the connection or `until` matches. */
export async function sendRaw(
  port: number,
  parts: readonly (string | Uint8Array)[],
  { until }: { readonly until?: RegExp } = {},
): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  const text = await new Promise<string>((resolve, reject) => {
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      received += chunk;
      if (until?.test(received)) resolve(received);
    });
    socket.on("close", () => resolve(received));
    socket.on("error", (error) => (received === "" ? reject(error) : resolve(received)));
    socket.on("connect", () => void writeAll(socket, parts));
  });
  socket.destroy();
  const match = /^HTTP\/1\.1 (\d{3}) ([^\r]*)/.exec(text);
  return { status: Number(match?.[1] ?? 0), reason: match?.[2] ?? "", text };
}

async function writeAll(socket: Socket, parts: readonly (string | Uint8Array)[]): Promise<void> {
  for (const part of parts) {
    if (socket.destroyed) return;
    if (!socket.write(part)) {
      await new Promise<void>((resolve) => {
        socket.once("drain", resolve);
        socket.once("close", resolve);
      });
    }
  }
}

export interface PlainRequest {
  readonly method: string;
  /** Sent unchanged: `fetch` would resolve its dots and repair its encodings. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

export interface PlainAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a well-formed request as it is: no library between changes it. */
export function sendPlain(port: number, { method, path, headers, body }: PlainRequest): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const length = { "Content-Length": Buffer.byteLength(body ?? "") };
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers: { ...length, ...headers } },
      async (response) => {
        const parts: Buffer[] = [];
        for await (const part of response) parts.push(part as Buffer);
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          headers: response.headers,
          body: Buffer.concat(parts),
        });
      },
    );
    sent.on("error", reject);
    // As bytes: with a string Node would send the headers in the string's encoding.
    sent.end(Buffer.from(body ?? ""));
  });
}
