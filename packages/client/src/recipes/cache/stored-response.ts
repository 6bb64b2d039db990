import { type CacheMark, setCacheMark } from "./cache-status.js";
import { bodyBytes, type StoredBody } from "./response-body.js";

/** The stored state of a URL. */
export type StoredAnswer =
  | StoredResponse
  /** Responses vary by these request headers. Each variant has its own entry. */
  | { readonly kind: "vary"; readonly names: readonly string[] }
  /** Responses are not cacheable. Requests do not wait for each other. */
  | { readonly kind: "pass" };

export interface StoredResponse {
  readonly kind: "response";
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The age of the response when it arrived. */
  readonly ageMs: number;
  readonly body: StoredBody;
}

/** Headers that concern one connection (RFC 9110, 7.6.1) or that the cache sets itself. */
const NOT_KEPT = new Set([
  "age",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-cache",
]);

/** The headers of a response that are stored. */
export function keptHeaders(headers: Headers): readonly (readonly [string, string])[] {
  const named = (headers.get("Connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return [...headers].filter(([name]) => !NOT_KEPT.has(name) && !named.includes(name));
}

/** The body follows the first line unchanged. Inside JSON each quote would be escaped. */
export function answerText(answer: StoredAnswer): string {
  if (answer.kind !== "response") return JSON.stringify(answer);
  const { body, ...head } = answer;
  return `${JSON.stringify({ ...head, encoding: body.encoding })}\n${body.text}`;
}

/** Returns `null` if the text is not a stored response: another program may have written it. */
export function parseAnswer(text: string): StoredAnswer | null {
  const end = text.indexOf("\n");
  try {
    const head = JSON.parse(end < 0 ? text : text.slice(0, end));
    if (head?.kind === "pass" || head?.kind === "vary") return head;
    if (head?.kind !== "response") return null;
    const { encoding, ...rest } = head;
    return { ...rest, body: { encoding, text: text.slice(end + 1) } };
  } catch {
    return null;
  }
}

/** @param ageSeconds value of `Age`; `undefined` if the response has just come from the handler */
export function responseOf(
  stored: StoredResponse,
  mark: CacheMark,
  ageSeconds: number | undefined,
): Response {
  const { status, statusText, body } = stored;
  const headers = new Headers(stored.headers.map(([name, value]) => [name, value]));
  if (ageSeconds !== undefined) headers.set("Age", String(ageSeconds));
  setCacheMark(headers, mark);
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? bodyBytes(body) : null, { status, statusText, headers });
}

/** Adds the cache's headers to a copy of the handler's response, whose headers may be immutable. */
export function marked(response: Response, mark: CacheMark): Response {
  // The response of an upgraded connection cannot be copied.
  if (response.status < 200) return response;
  const copy = new Response(response.body, response);
  setCacheMark(copy.headers, mark);
  return copy;
}
