import { KVValidationError } from "./errors/kv-errors.js";

/**
 * A validator that follows the Standard Schema convention, version 1, such as those of Zod, Valibot and
 * ArkType. It is declared here so that the client has no dependencies.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
    /** Only for type inference. It does not exist at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

export interface StandardSchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type of a schema's input. */
export type StandardSchemaInput<Schema extends StandardSchemaV1> = NonNullable<
  Schema["~standard"]["types"]
>["input"];

/** The type of a schema's output. */
export type StandardSchemaOutput<Schema extends StandardSchemaV1> = NonNullable<
  Schema["~standard"]["types"]
>["output"];

/**
 * Returns the schema's output for `value`, including its defaults and transformations.
 *
 * @param key named in the error
 * @throws KVValidationError
 */
export async function validateValue<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  key: string,
): Promise<T> {
  const result = await schema["~standard"].validate(value);
  if (!result.issues) return result.value;
  throw new KVValidationError(
    key,
    result.issues.map(({ message }) => message).join("; "),
    result.issues.map(({ message, path }) => ({
      message,
      path: path?.map((segment) => (typeof segment === "object" ? segment.key : segment)),
    })),
  );
}
