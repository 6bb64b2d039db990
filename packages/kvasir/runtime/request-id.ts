import { REQUEST_ID_HEADER, sentRequestId } from "../src/wire/request-id.js";
import { proxiedRequestId } from "./request-facts.js";

/** The id that a trusted proxy gave a request, or a new one. */
export function requestIdOf(request: Request): string {
  return proxiedRequestId(request) ?? crypto.randomUUID();
}

const ids = new WeakMap<Request, string>();

/** Remembers the id of a request for {@link knownRequestId}. */
export function rememberRequestId(request: Request, id: string): void {
  ids.set(request, id);
}

/** The id of a request that is logged. */
export function knownRequestId(request: Request): string | undefined {
  return ids.get(request);
}

/** The id that the function itself gave the request, by its response's header. */
export function ownRequestId({ headers }: Response): string | undefined {
  return sentRequestId((name) => (name === REQUEST_ID_HEADER.toLowerCase() ? headers.get(name) : undefined));
}

/** The response with the id of its request. A response that has one, or that is a WebSocket's, stays as it is. */
export function withRequestId(response: Response, id: string): Response {
  const { headers, status } = response;
  if (headers.has(REQUEST_ID_HEADER) || status === SWITCHING_PROTOCOLS) return response;
  try {
    headers.set(REQUEST_ID_HEADER, id);
    return response;
  } catch {
    // The headers of a response that `fetch` returned cannot be changed.
    const copy = new Response(response.body, response);
    copy.headers.set(REQUEST_ID_HEADER, id);
    return copy;
  }
}

const SWITCHING_PROTOCOLS = 101;
