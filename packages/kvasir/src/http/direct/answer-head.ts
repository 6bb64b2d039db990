import { STATUS_CODES } from "node:http";
import type { FlatHeaders } from "../exchange.js";

export interface AnswerHead {
  readonly status: number;
  /** @default the usual reason phrase of the status */
  readonly reason?: string | undefined;
  /** Names and values, alternating. */
  readonly headers: FlatHeaders;
  /**
   * How long the connection is kept for another request, in seconds. 0 means that it ends after this
   * response.
   */
  readonly keepAliveSeconds: number;
  /** Whether only these headers are sent, unless the connection ends. */
  readonly isBare: boolean;
}

/** Node refuses the same characters. They could end the header, or the head. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The status line and headers up to the empty line, as Node's HTTP server writes them.
 *
 * @throws TypeError for a character that is not allowed in a header
 */
export function renderHead({ status, reason, headers, keepAliveSeconds, isBare }: AnswerHead): string {
  let head = reason === undefined ? statusLine(status) : `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1] as string;
    if (FORBIDDEN.test(value)) throw new TypeError(`The header ${headers[at]} has a forbidden character`);
    head += `${headers[at]}: ${value}\r\n`;
  }
  if (isBare) return `${head}${keepAliveSeconds === 0 ? "Connection: close\r\n" : ""}\r\n`;
  return head + generalHeaders(keepAliveSeconds);
}

const OK = "HTTP/1.1 200 OK\r\n";

function statusLine(status: number): string {
  return status === 200 ? OK : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n`;
}

let general = "";
let generalSecond = 0;
let generalKeepAlive = -1;

/** The headers that every response has. They are built once a second. */
function generalHeaders(keepAliveSeconds: number): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== generalSecond || keepAliveSeconds !== generalKeepAlive) {
    generalSecond = second;
    generalKeepAlive = keepAliveSeconds;
    const date = new Date(second * 1000).toUTCString();
    const connection =
      keepAliveSeconds === 0
        ? "Connection: close\r\n"
        : `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`;
    general = `Date: ${date}\r\n${connection}\r\n`;
  }
  return general;
}
