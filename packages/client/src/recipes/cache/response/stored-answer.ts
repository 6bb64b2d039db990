import { bodyBytes, type StoredBody } from "./body.js";

/** What is kept of a URL. */
export type StoredAnswer =
  | StoredResponse
  /** Answers differ by these request headers; each is kept on its own. */
  | { readonly kind: "vary"; readonly names: readonly string[] }
  /** Answers cannot be kept: whoever asks need not wait for others. */
  | { readonly kind: "pass" };

export interface StoredResponse {
  readonly kind: "response";
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** How old it was when it came. */
  readonly ageMs: number;
  readonly body: StoredBody;
}

/** Of one connection only (RFC 9110, 7.6.1), or our own to say. */
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

/** The headers that are kept of a response. */
export function keptHeaders(headers: Headers): readonly (readonly [string, string])[] {
  const named = (headers.get("Connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return [...headers].filter(([name]) => !NOT_KEPT.has(name) && !named.includes(name));
}

/** The body comes after the first line as it is: inside JSON each of its quotes would be escaped. */
export function answerText(answer: StoredAnswer): string {
  if (answer.kind !== "response") return JSON.stringify(answer);
  const { body, ...head } = answer;
  return `${JSON.stringify({ ...head, encoding: body.encoding })}\n${body.text}`;
}

/** `null` for what is none: somebody else's value under our key. */
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

/** @param ageSeconds for `Age`; `undefined` when it comes from the handler just now */
export function responseOf(stored: StoredResponse, xCache: string, ageSeconds: number | undefined): Response {
  const { status, statusText, body } = stored;
  const headers = new Headers(stored.headers.map(([name, value]) => [name, value]));
  if (ageSeconds !== undefined) headers.set("Age", String(ageSeconds));
  headers.set("X-Cache", xCache);
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? bodyBytes(body) : null, { status, statusText, headers });
}

/** The handler's own response, which may not let its headers be changed. */
export function marked(response: Response, xCache: string): Response {
  // Of an upgraded connection nothing can be copied.
  if (response.status < 200) return response;
  const copy = new Response(response.body, response);
  copy.headers.set("X-Cache", xCache);
  return copy;
}
