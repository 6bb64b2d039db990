/** One line of the table of bindings. */
export interface ListedBinding {
  readonly name: string;
  /** wrangler's name for the kind of binding. */
  readonly kind: string;
  /** What the binding leads to. `undefined` if its name says all. */
  readonly target: string | undefined;
}
