import { InternalError, RateLimitError, ServiceUnavailableError, TimeoutError } from "./failures.js";
import { WorkkitError } from "./workkit-error.js";

/** The operation that failed. */
export interface KVErrorContext {
  /** The complete key, including the prefix. */
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly operation: KVOperation;
  readonly binding?: string | undefined;
}

/** The name of an operation in an error's message and context. */
export type KVOperation =
  | "atomic"
  | "count"
  | "delete"
  | "deleteMany"
  | "deletePrefix"
  | "exists"
  | "get"
  | "getMany"
  | "getWithMetadata"
  | "increment"
  | "list"
  | "put"
  | "putMany"
  | "touch"
  | "position"
  | "watch";

/**
 * Converts a binding's error and throws it. The result is a `TimeoutError`, `RateLimitError` or
 * `ServiceUnavailableError` if trying again can help, otherwise an `InternalError`. Its `cause` is the
 * original error. A `WorkkitError` is thrown unchanged.
 *
 * Two things differ from the original, which searches for words anywhere in the text. A status in the text
 * (`KV PUT failed: 400 …`) takes precedence over words: a rejected request does not become retryable because
 * its text contains 503. And 429 is retryable.
 */
export function wrapKVError(error: unknown, context: KVErrorContext): never {
  throw wrapped(error, context);
}

/** Runs an operation of the binding. Its errors are converted by {@link wrapKVError}. */
export async function guard<Result>(
  context: KVErrorContext,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw wrapped(error, context);
  }
}

/** The error that {@link wrapKVError} throws. */
export function wrapped(error: unknown, context: KVErrorContext): WorkkitError {
  if (error instanceof WorkkitError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { operation } = context;
  const options = { cause: error, context: { ...context } };
  const status = /^KV [A-Z_]+ failed: (\d{3})\b/.exec(message)?.[1];
  const refused = status !== undefined && status < "500";
  const says = (words: RegExp) => !refused && words.test(message);

  if (status === "429" || says(/\b429\b|too many requests/i)) {
    return new RateLimitError("KV allows no more requests for the moment", options);
  }
  if (status === "408" || status === "504" || says(/timeout|timed out/)) {
    return new TimeoutError(`KV.${operation}`, undefined, options);
  }
  if (says(/503|service|unavailable/)) return new ServiceUnavailableError("KV", options);
  return new InternalError(`KV.${operation} failed: ${message}`, options);
}
