import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { KvErrorCode } from "@kvasir/client/namespace";
import { errorBody } from "./error-body.js";

interface Answer {
  readonly status: number;
  readonly code: KvErrorCode;
  readonly message: string;
}

const MALFORMED: Answer = {
  status: 400,
  code: "bad_request",
  message: "This is no well-formed HTTP request",
};

const CUT_OFF: Answer = {
  status: 400,
  code: "bad_request",
  message: "The request ended before it was whole",
};

const TOO_SLOW: Answer = {
  status: 408,
  code: "bad_request",
  message: "The request took too long to arrive",
};

const NO_TUNNEL: Answer = {
  status: 405,
  code: "method_not_allowed",
  message: "CONNECT is not allowed here: this server is no proxy",
};

const BY_CODE: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: "bad_request", message: "The request's headers are too large" },
  HPE_INVALID_EOF_STATE: CUT_OFF,
  ERR_HTTP_REQUEST_TIMEOUT: TOO_SLOW,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: "payload_too_large",
    message: "The chunk extensions of the request are too large",
  },
};

/**
 * Responds to bytes that did not become a request: malformed, too long or too slow. Then ends the connection.
 *
 * @param isAnswered Whether a response has begun. The client would take a second one for part of the first,
 * or for the response to another request.
 */
export function answerSocketError(
  error: Error & { readonly code?: string },
  socket: Duplex,
  { isAnswered }: { readonly isAnswered: boolean },
): void {
  if (error.code === "ECONNRESET" || !socket.writable || isAnswered) socket.destroy();
  else endWith(BY_CODE[error.code ?? ""] ?? MALFORMED, socket);
}

/** Whether Node ends a connection because a request takes longer to arrive than others may. */
export function isTooSlow(error: Error & { readonly code?: string }): boolean {
  return error.code === "ERR_HTTP_REQUEST_TIMEOUT";
}

/** Responds to a request to open a tunnel. Node no longer listens to the socket. */
export function answerConnect(socket: Duplex): void {
  socket.on("error", () => {});
  endWith(NO_TUNNEL, socket);
  socket.resume();
}

/** Responds to a request that ended before it was complete. */
export function answerCutOff(socket: Duplex): void {
  endWith(CUT_OFF, socket);
}

/** Responds to a request that did not arrive in time. */
export function answerTooSlow(socket: Duplex): void {
  endWith(TOO_SLOW, socket);
}

function endWith({ status, code, message }: Answer, socket: Duplex): void {
  const body = errorBody({ code, message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
