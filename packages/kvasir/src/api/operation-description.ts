/** A JSON Schema in the form of OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ParameterDescription {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  /** @default "query" */
  readonly in?: "query" | "header";
}

/** What the OpenAPI document says about an operation, in addition to its path and method. */
export interface OperationDescription {
  readonly summary: string;
  readonly parameters?: readonly ParameterDescription[];
  /** By media type. */
  readonly body?: Readonly<Record<string, Schema>>;
  readonly answer: {
    readonly description: string;
    /** @default 200 */
    readonly status?: number;
    /** By media type. Absent if there is no body. */
    readonly content?: Readonly<Record<string, Schema>>;
  };
}
