import { KvError, type KvErrorCode } from "@kvasir/client/namespace";
import { MESSAGE_LENGTH_MAX } from "./limits.js";

/** What a request was about, for the texts of errors. */
export interface RequestSubject {
  readonly account: string;
  /** An id. */
  readonly namespace?: string | undefined;
}

/** An unsuccessful response, as far as it could be read. */
export interface Refusal {
  readonly status: number;
  readonly statusText: string;
  /** The text of the body, perhaps cut off. */
  readonly body: string;
}

const TOKEN_HINT =
  "Set CLOUDFLARE_API_TOKEN to a token with the permission Workers KV Storage: Read to copy from Cloudflare, Edit to copy to it.";
const ACCOUNT_HINT = "`wrangler whoami` shows the ids of your accounts.";

/**
 * The numbers of errors that have a meaning of their own. Those of tokens and routes belong to the API's
 * gateway, those from 10009 on to KV.
 *
 * @see https://developers.cloudflare.com/fundamentals/api/troubleshooting/
 */
const KINDS: Readonly<Record<number, Kind>> = {
  1000: "token",
  1001: "token",
  6003: "token",
  6103: "token",
  6111: "token",
  9103: "token",
  9106: "token",
  9109: "token",
  10000: "access",
  10037: "access",
  7000: "account",
  7003: "account",
  10009: "key",
  10013: "namespace",
  10048: "plan",
};

type Kind = "token" | "access" | "account" | "key" | "namespace" | "plan" | "throttled" | "other";

/** The error that a refusal means, as one sentence and what to do. */
export function serviceError(refusal: Refusal, subject: RequestSubject): KvError {
  const { status, body } = refusal;
  const said = firstError(body);
  const kind = kindOf(status, said);
  const message = said === undefined ? undefined : `${said.message} (code ${said.code})`;
  switch (kind) {
    case "token":
      return new KvError("unauthorized", `Cloudflare does not accept the token: ${message ?? status}`, {
        hint: TOKEN_HINT,
      });
    case "access":
      return new KvError(
        "forbidden",
        `The token may not do this in the account ${subject.account}: ${message ?? status}`,
        { hint: `${TOKEN_HINT} ${ACCOUNT_HINT}` },
      );
    case "account":
      return new KvError(
        "route_not_found",
        `Cloudflare has no account ${subject.account}: ${message ?? status}`,
        {
          hint: ACCOUNT_HINT,
        },
      );
    case "namespace":
      return new KvError(
        "namespace_not_found",
        `There is no namespace ${subject.namespace ?? ""} in the account ${subject.account}`,
        { hint: "`wrangler kv namespace list` shows the titles and ids." },
      );
    case "key":
      return new KvError("key_not_found", "There is no such key");
    case "plan":
      return new KvError("rate_limited", `The account's plan allows no more of this today: ${message}`, {
        hint: "Go on tomorrow (UTC) with --resume, or upgrade the plan.",
      });
    case "throttled":
      return new KvError("rate_limited", "Cloudflare refuses requests because there were too many", {
        hint: "Wait five minutes, then go on with --resume.",
      });
    default:
      return otherError(refusal, message);
  }
}

/** Whether a request is refused only because there were too many, so that it may be sent again later. */
export function isThrottling({ status, body }: Refusal): boolean {
  return kindOf(status, firstError(body)) === "throttled";
}

function otherError({ status, statusText }: Refusal, message: string | undefined): KvError {
  if (message !== undefined) {
    return new KvError(codeOf(status), `Cloudflare: ${message}`);
  }
  const answered = `Cloudflare's API answered ${status} ${statusText}`.trimEnd();
  if (status >= 500) return new KvError("unavailable", answered, { hint: "Try again later." });
  return new KvError("route_not_found", answered, {
    hint: "Check CLOUDFLARE_API_BASE_URL. It ends in /client/v4.",
  });
}

function codeOf(status: number): KvErrorCode {
  if (status === 413) return "payload_too_large";
  return status >= 500 ? "unavailable" : "bad_request";
}

function kindOf(status: number, said: ServiceMessage | undefined): Kind {
  const kind = said === undefined ? undefined : KINDS[said.code];
  // The numbers of KV are also used for other errors, and the texts say which.
  if (said !== undefined && /namespace not found/i.test(said.message)) return "namespace";
  if (said !== undefined && /key not found/i.test(said.message)) return "key";
  if (status === 401) return "token";
  if (kind !== undefined) return kind;
  if (status === 429) return "throttled";
  if (status === 403) return "access";
  return "other";
}

interface ServiceMessage {
  readonly code: number;
  readonly message: string;
}

/** The first error of the envelope; the most exact one if it has a chain. */
function firstError(body: string): ServiceMessage | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { errors } = (parsed ?? {}) as { errors?: unknown };
  const first = Array.isArray(errors) ? (errors[0] as Partial<ServiceMessage> | undefined) : undefined;
  if (first === undefined || typeof first.message !== "string") return undefined;
  return { code: Number(first.code ?? 0), message: plain(first.message) };
}

/** One line without control characters: the text goes to a terminal. */
function plain(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
      .trim()
      .slice(0, MESSAGE_LENGTH_MAX)
  );
}
