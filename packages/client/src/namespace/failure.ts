import { KvError, statusOf } from "./errors.js";

/** The word for an operation in an error's message; the first four are Workers KV's own. */
export type Verb =
  | "GET"
  | "GET_BULK"
  | "PUT"
  | "DELETE"
  | "INCREMENT"
  | "TOUCH"
  | "ATOMIC"
  | "COUNT"
  | "WATCH";

/**
 * What an operation rejects with: a backend's refusal in Workers KV's words (`KV GET failed: 400 <text>`), and
 * anything else (a `TypeError` about an argument, a `SyntaxError` of JSON, a stream's own error) as it is.
 */
export function failure(verb: Verb, error: unknown): unknown {
  if (!(error instanceof KvError)) return error;
  return new KvError(error.code, `KV ${verb} failed: ${statusOf(error.code)} ${error.message}`, {
    hint: error.hint,
    cause: error.cause ?? error,
  });
}
