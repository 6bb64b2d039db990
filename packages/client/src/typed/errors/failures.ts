import { type RetryStrategy, WorkkitError, type WorkkitErrorOptions } from "./workkit-error.js";

// `name` is a literal in each class, because a minifier renames the class itself.

/** There is no binding with this name. */
export class BindingNotFoundError extends WorkkitError {
  override readonly name: string = "BindingNotFoundError";
  override readonly code = "WORKKIT_BINDING_NOT_FOUND";
  override readonly statusCode = 500;
  readonly bindingName: string;

  constructor(bindingName: string, options: WorkkitErrorOptions = {}) {
    super(`Binding "${bindingName}" not found in environment. Check your wrangler.toml configuration.`, {
      ...options,
      context: { ...options.context, bindingName },
    });
    this.bindingName = bindingName;
  }
}

/** The binding or the options do not support what the program asks for. */
export class ConfigError extends WorkkitError {
  override readonly name: string = "ConfigError";
  override readonly code = "WORKKIT_CONFIG";
  override readonly statusCode = 500;
}

/** Any other failure. Trying again does not help. */
export class InternalError extends WorkkitError {
  override readonly name: string = "InternalError";
  override readonly code = "WORKKIT_INTERNAL";
  override readonly statusCode = 500;
}

/** There was no response in time. */
export class TimeoutError extends WorkkitError {
  override readonly name: string = "TimeoutError";
  override readonly code = "WORKKIT_TIMEOUT";
  override readonly statusCode = 504;
  override readonly retryable = true;
  override readonly defaultRetryStrategy: RetryStrategy = exponential(500, 10_000, 3);

  constructor(operation: string, timeoutMs?: number, options: WorkkitErrorOptions = {}) {
    super(`${operation} timed out${timeoutMs ? ` after ${timeoutMs}ms` : ""}`, {
      ...options,
      context: { ...options.context, operation, timeoutMs },
    });
  }
}

/** The service is temporarily unavailable. */
export class ServiceUnavailableError extends WorkkitError {
  override readonly name: string = "ServiceUnavailableError";
  override readonly code = "WORKKIT_SERVICE_UNAVAILABLE";
  override readonly statusCode = 503;
  override readonly retryable = true;
  override readonly defaultRetryStrategy: RetryStrategy = exponential(1_000, 30_000, 5);

  constructor(service: string, options: WorkkitErrorOptions = {}) {
    super(`${service} is temporarily unavailable`, {
      ...options,
      context: { ...options.context, service },
    });
  }
}

/** Too many requests. For Workers KV: more than one write a second to one key. */
export class RateLimitError extends WorkkitError {
  override readonly name: string = "RateLimitError";
  override readonly code = "WORKKIT_RATE_LIMIT";
  override readonly statusCode = 429;
  override readonly retryable = true;
  override readonly defaultRetryStrategy: RetryStrategy = { kind: "fixed", delayMs: 1_000, maxAttempts: 3 };
}

/** One problem of an input. */
export interface ValidationIssue {
  readonly path: readonly string[];
  readonly message: string;
  readonly code?: string | undefined;
}

/** A key, a TTL or a value that is rejected before anything is sent. */
export class ValidationError extends WorkkitError {
  override readonly name: string = "ValidationError";
  override readonly code = "WORKKIT_VALIDATION";
  override readonly statusCode = 400;
  readonly issues: readonly ValidationIssue[];

  constructor(message: string, issues: readonly ValidationIssue[] = [], options: WorkkitErrorOptions = {}) {
    super(message, { ...options, context: { ...options.context, issues } });
    this.issues = issues;
  }
}

function exponential(baseMs: number, maxMs: number, maxAttempts: number): RetryStrategy {
  return { kind: "exponential", baseMs, maxMs, maxAttempts };
}
