import type { KvErrorCode } from "../namespace/errors.js";
import { unexpectedResponse } from "./requester.js";
import { bindingError, type WireError } from "./wire-error.js";

/** The result in a response of the Cloudflare API. */
export function resultOf(body: object): unknown {
  if ("success" in body && body.success === true && "result" in body) return body.result;
  throw unexpectedResponse();
}

/** The codes that the Cloudflare API numbers, where the HTTP status alone does not tell them apart. */
const CODES: Readonly<Record<number, KvErrorCode>> = {
  10013: "namespace_not_found",
  10014: "namespace_exists",
  10019: "title_invalid",
};

/** The error in a body of either API: the Cloudflare API's envelope, or the form of Kvasir's own paths. */
export function adminError(body: object): WireError {
  const { errors, messages } = body as { errors?: CloudflareText[]; messages?: CloudflareText[] };
  const error = errors?.[0];
  if (error === undefined) return bindingError(body);
  return { code: CODES[error.code ?? 0], message: error.message, hint: messages?.[0]?.message };
}

interface CloudflareText {
  readonly code?: number;
  readonly message?: string;
}
