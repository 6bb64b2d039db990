import { KvError, statusOf } from "./errors.js";

/**
 * What an operation rejects with: a backend's refusal in Workers KV's words (`KV GET failed: 400 <text>`), and
 * anything else (a `TypeError` about an argument, a `SyntaxError` of JSON, a stream's own error) as it is.
 *
 * @param verb the operation's word; `GET`, `GET_BULK`, `PUT` and `DELETE` are Workers KV's own
 */
export function failure(verb: string, error: unknown): unknown {
  if (!(error instanceof KvError)) return error;
  return new KvError(error.code, `KV ${verb} failed: ${statusOf(error.code)} ${error.message}`, {
    hint: error.hint,
    cause: error.cause ?? error,
  });
}
