import { isKvErrorCode, KvError, type KvErrorCode } from "../errors.js";

/** What an unsuccessful answer says, from its JSON body or else (a proxy's answer) from its status line. */
export async function wireError(response: Response): Promise<KvError> {
  const error = await errorOf(response);
  const code = isKvErrorCode(error["code"]) ? error["code"] : codeOf(response.status);
  const message = textOf(error["message"]) || response.statusText || `The server answered ${response.status}`;
  return new KvError(code, message, { hint: textOf(error["hint"]) });
}

async function errorOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body = (await response.json()) as { error?: Record<string, unknown> } | null;
    return body?.error ?? {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The closest code for a status that no code came with. */
function codeOf(status: number): KvErrorCode {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      return "key_not_found";
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
