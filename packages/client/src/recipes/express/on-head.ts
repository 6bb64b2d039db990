import type { ExpressResponse } from "./context.js";

type HeaderValue = number | string | string[];
type Headers = Readonly<Record<string, HeaderValue>> | HeaderValue[];

/**
 * Calls `listener` once, before the head of a response is sent by `end`, `write`, `writeHead` or a
 * sent file. Node calls `writeHead` for all of these. Headers passed to `writeHead` are set first,
 * so that the listener sees them.
 */
export function onHead(res: ExpressResponse, listener: () => void): void {
  const writeHead = res.writeHead?.bind(res) as ((...args: unknown[]) => unknown) | undefined;
  if (writeHead === undefined) return;
  let called = false;
  res.writeHead = (status: number, ...rest: unknown[]) => {
    if (called) return writeHead(status, ...rest);
    called = true;
    const message = typeof rest[0] === "string" ? rest[0] : undefined;
    res.statusCode = status;
    setHeaders(res, (message === undefined ? rest[0] : rest[1]) as Headers | null | undefined);
    listener();
    return message === undefined ? writeHead(res.statusCode) : writeHead(res.statusCode, message);
  };
}

function setHeaders(res: ExpressResponse, headers: Headers | null | undefined): void {
  if (headers === null || headers === undefined) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) set(res, name, value);
    return;
  }
  // A flat list or a list of pairs. Names may be repeated.
  const flat: HeaderValue[] = Array.isArray(headers[0]) ? headers.flat() : headers;
  const byName = new Map<string, string[]>();
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = String(flat[at]);
    byName.set(name, [...(byName.get(name) ?? []), ...[flat[at + 1] as HeaderValue].flat().map(String)]);
  }
  for (const [name, values] of byName) set(res, name, values.length === 1 ? values[0] : values);
}

function set(res: ExpressResponse, name: string, value: HeaderValue | undefined): void {
  if (value !== undefined) res.setHeader(name, Array.isArray(value) ? value : String(value));
}
