import { isKvErrorCode, KvError, type KvErrorCode } from "../namespace/errors.js";
import { boundedText } from "./bounded-text.js";
import { ERROR_BODY_BYTES_MAX } from "./limits.js";

/** What an unsuccessful answer says, from its JSON body or else (a proxy's answer) from its status line. */
export async function wireError(response: Response): Promise<KvError> {
  const body = await boundedText(response, ERROR_BODY_BYTES_MAX).catch(() => "");
  const error = errorOf(body);
  const code = isKvErrorCode(error["code"]) ? error["code"] : codeOf(response.status, body);
  const message = textOf(error["message"]) || response.statusText || `The server answered ${response.status}`;
  return new KvError(code, message, { hint: textOf(error["hint"]) ?? redirectHint(response) });
}

function errorOf(body: string): Record<string, unknown> {
  try {
    const { error } = JSON.parse(body) as { error?: Record<string, unknown> };
    return error ?? {};
  } catch {
    return {};
  }
}

/** Redirects are not followed: the token would go along. */
function redirectHint(response: Response): string | undefined {
  const location = response.headers.get("Location");
  return location === null ? undefined : `The server redirects to ${location}; connect to where that leads.`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The closest code for a status that no code came with. */
function codeOf(status: number, body: string): KvErrorCode {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      // A page that says "not found" comes from some other server, or from another path of this one.
      return body === "" ? "key_not_found" : "route_not_found";
    case 408:
      return "request_timeout";
    case 412:
      return "condition_failed";
    case 413:
      return "payload_too_large";
    case 429:
      return "rate_limited";
    case 502:
    case 503:
    case 504:
      return "unavailable";
    default:
      return status >= 500 ? "internal" : "bad_request";
  }
}
