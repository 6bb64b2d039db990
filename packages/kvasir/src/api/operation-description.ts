/** A JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ParameterDescription {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  /** @default "query" */
  readonly in?: "query" | "header";
}

/** What the OpenAPI document says about an operation beyond its path and method. */
export interface OperationDescription {
  readonly summary: string;
  readonly parameters?: readonly ParameterDescription[];
  /** By media type. */
  readonly body?: Readonly<Record<string, Schema>>;
  readonly answer: {
    readonly description: string;
    /** @default 200 */
    readonly status?: number;
    /** By media type; absent where there is no body. */
    readonly content?: Readonly<Record<string, Schema>>;
  };
}
