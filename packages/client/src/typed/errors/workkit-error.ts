/** Identifies errors of the typed client. Codes are stable; messages are not. */
export type WorkkitErrorCode =
  | "WORKKIT_BINDING_NOT_FOUND"
  | "WORKKIT_CONFIG"
  | "WORKKIT_INTERNAL"
  | "WORKKIT_NOT_FOUND"
  | "WORKKIT_RATE_LIMIT"
  | "WORKKIT_SERVICE_UNAVAILABLE"
  | "WORKKIT_TIMEOUT"
  | "WORKKIT_VALIDATION";

/** How a failed operation should be repeated. */
export type RetryStrategy =
  | { readonly kind: "none" }
  | { readonly kind: "immediate"; readonly maxAttempts: number }
  | { readonly kind: "fixed"; readonly delayMs: number; readonly maxAttempts: number }
  | {
      readonly kind: "exponential";
      readonly baseMs: number;
      readonly maxMs: number;
      readonly maxAttempts: number;
    };

export interface WorkkitErrorOptions {
  /** The underlying error. */
  readonly cause?: unknown;
  /** The subject of the error: `key`, `prefix`, `operation`, … */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** Replaces the strategy of the class. */
  readonly retryStrategy?: RetryStrategy | undefined;
}

/** A {@link WorkkitError} as JSON. */
export interface SerializedError {
  readonly name: string;
  readonly code: WorkkitErrorCode;
  readonly message: string;
  readonly statusCode: number;
  readonly retryable: boolean;
  readonly retryStrategy: RetryStrategy;
  /** ISO 8601 */
  readonly timestamp: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: SerializedError | { readonly name: string; readonly message: string };
}

/**
 * The base class of the typed client's errors. Each says whether and how to try again.
 *
 * It has the shape of `@workkit/errors`, so code that catches its classes or reads their codes keeps working.
 * (A Kvasir namespace itself throws `KvError`, which becomes the `cause`.)
 */
export abstract class WorkkitError extends Error {
  abstract readonly code: WorkkitErrorCode;
  /** The HTTP status for a response that reports this error to the client. */
  abstract readonly statusCode: number;
  readonly retryable: boolean = false;
  readonly defaultRetryStrategy: RetryStrategy = { kind: "none" };
  readonly context: Readonly<Record<string, unknown>> | undefined;
  readonly timestamp: Date = new Date();
  readonly #retryStrategy: RetryStrategy | undefined;

  constructor(message: string, options: WorkkitErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.context = options.context;
    this.#retryStrategy = options.retryStrategy;
  }

  get retryStrategy(): RetryStrategy {
    return this.#retryStrategy ?? this.defaultRetryStrategy;
  }

  /** For logs and responses. Includes the cause if it is an error. */
  toJSON(): SerializedError {
    const { name, code, message, statusCode, retryable, retryStrategy, context, cause } = this;
    return {
      name,
      code,
      message,
      statusCode,
      retryable,
      retryStrategy,
      timestamp: this.timestamp.toISOString(),
      ...(context && Object.keys(context).length > 0 && { context }),
      ...(cause instanceof Error && {
        cause: cause instanceof WorkkitError ? cause.toJSON() : { name: cause.name, message: cause.message },
      }),
    };
  }

  /** `[CODE] Name: message | context: … | caused by: …` */
  override toString(): string {
    const { code, name, message, context, cause } = this;
    const about = context ? ` | context: ${JSON.stringify(context)}` : "";
    const by = cause instanceof Error ? ` | caused by: ${cause.message}` : "";
    return `[${code}] ${name}: ${message}${about}${by}`;
  }
}
