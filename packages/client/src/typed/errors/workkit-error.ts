/** What the errors of the typed client are told apart by. Stable; messages are not. */
export type WorkkitErrorCode =
  | "WORKKIT_BINDING_NOT_FOUND"
  | "WORKKIT_CONFIG"
  | "WORKKIT_INTERNAL"
  | "WORKKIT_NOT_FOUND"
  | "WORKKIT_RATE_LIMIT"
  | "WORKKIT_SERVICE_UNAVAILABLE"
  | "WORKKIT_TIMEOUT"
  | "WORKKIT_VALIDATION";

/** How a failed operation may be repeated. */
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
  /** What made it fail. */
  readonly cause?: unknown;
  /** What it was about: `key`, `prefix`, `operation`, … */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** In place of the class's own strategy. */
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
 * What the typed client rejects with: an error that says by itself whether, and how, to try again.
 *
 * The shape is that of `@workkit/errors`, so that code which catches its classes, or reads their codes, goes on
 * working. (`KvError`, by contrast, is what a Kvasir namespace itself throws; here it is found as `cause`.)
 */
export abstract class WorkkitError extends Error {
  abstract readonly code: WorkkitErrorCode;
  /** The HTTP status this becomes when it is nobody's fault but the request's. */
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

  /** For logs and answers: the cause too, as far as it is an error. */
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
