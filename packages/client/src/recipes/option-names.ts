/**
 * The names of all options of a type. The compiler refuses a list that lacks one or has another, so that what the types
 * take and what a program may pass are the same.
 */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };
