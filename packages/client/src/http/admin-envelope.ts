import { KvError, type KvErrorCode } from "../namespace/errors.js";
import { boundedText } from "./bounded-text.js";
import { ERROR_BODY_BYTES_MAX } from "./limits.js";
import type { Fetch } from "./requester.js";

/** The namespaces in the Cloudflare API. A server has one account, and accepts any id for it. */
export const NAMESPACES_PATH = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces`;

/** The result in a response of the Cloudflare API. */
export function resultOf(body: object): unknown {
  if ("success" in body && body.success === true && "result" in body) return body.result;
  throw new KvError("internal", "The server's response has no result", {
    hint: "Is the URL that of Kvasir's API?",
  });
}

/** The codes that the Cloudflare API numbers, where the HTTP status alone does not tell them apart. */
const CODES: Readonly<Record<number, KvErrorCode>> = {
  10013: "namespace_not_found",
  10014: "namespace_exists",
  10019: "title_invalid",
};

/** A `fetch` whose unsuccessful responses have the form of Kvasir's own paths, as the requester reads them. */
export function fetchWithPlainErrors(send: Fetch): Fetch {
  return async (input, init) => {
    const response = await send(input, init);
    // A browser gives a redirect without status and body.
    if (response.ok || response.body === null) return response;
    const { status, statusText, headers } = response;
    const body = plainError(await boundedText(response, ERROR_BODY_BYTES_MAX));
    return new Response(body, { status, statusText, headers });
  };
}

function plainError(body: string): string {
  try {
    const { errors, messages } = JSON.parse(body) as {
      errors?: readonly CloudflareText[];
      messages?: readonly CloudflareText[];
    };
    const error = errors?.[0];
    if (error === undefined) return body;
    const { code = 0, message } = error;
    return JSON.stringify({ error: { code: CODES[code], message, hint: messages?.[0]?.message } });
  } catch {
    // A proxy's response, for example.
    return body;
  }
}

interface CloudflareText {
  readonly code?: number;
  readonly message?: string;
}
