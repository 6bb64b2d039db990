import { InternalError, ValidationError, type ValidationIssue } from "./failures.js";
import { WorkkitError, type WorkkitErrorOptions } from "./workkit-error.js";

/** For your own errors that concern the store. The client itself throws more specific ones. */
export class KVError extends InternalError {
  override readonly name: string = "KVError";
}

/**
 * For code that treats a missing key as an error. The client itself returns `null`.
 *
 * Unlike in the original it is a `WorkkitError`, as its code says.
 */
export class KVNotFoundError extends WorkkitError {
  override readonly name: string = "KVNotFoundError";
  override readonly code = "WORKKIT_NOT_FOUND";
  override readonly statusCode = 404;
  readonly kvKey: string;

  constructor(key: string, options?: WorkkitErrorOptions) {
    super(`KV key "${key}" not found`, options);
    this.kvKey = key;
  }
}

/** A stored value that does not match the schema. With `validateOnWrite` also a value to be stored. */
export class KVValidationError extends ValidationError {
  override readonly name: string = "KVValidationError";
  readonly kvKey: string;
  /** The messages of all issues, joined by `; `. */
  readonly validationMessage: string;

  constructor(
    key: string,
    validationMessage: string,
    issues: readonly {
      readonly path?: readonly PropertyKey[] | undefined;
      readonly message: string;
      readonly code?: string | undefined;
    }[] = [{ path: [key], message: validationMessage }],
  ) {
    super(
      `KV value for "${key}" failed validation: ${validationMessage}`,
      issues.map(
        ({ path = [], message, code = "WORKKIT_KV_VALIDATION" }): ValidationIssue => ({
          path: path.map(String),
          message,
          code,
        }),
      ),
    );
    this.kvKey = key;
    this.validationMessage = validationMessage;
  }
}

/**
 * A value that the serializer cannot write or read. `cause` is the reason.
 *
 * Unlike in the original it is a `KVError`, as that class always promised.
 */
export class KVSerializationError extends KVError {
  override readonly name: string = "KVSerializationError";

  constructor(operation: "serialize" | "deserialize", key: string, cause?: unknown) {
    super(`Failed to ${operation} KV value for key "${key}"`, {
      cause,
      context: { operation, kvKey: key },
    });
  }
}
