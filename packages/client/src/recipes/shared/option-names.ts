/**
 * The names of all options of a type. The compiler rejects a list with a missing or an additional name, so
 * that the list always matches the type.
 */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };
