/** A value whose members cannot be assigned, at any depth: an assignment would be lost. */
export type DeepReadonly<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | bigint | symbol | null | undefined
    ? Value
    : Value extends (...args: never) => unknown
      ? Value
      : { readonly [Name in keyof Value]: DeepReadonly<Value[Name]> };
