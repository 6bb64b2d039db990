/** What was read from a file of rules. */
export interface RuleLines<Rule> {
  readonly rules: readonly Rule[];
  /** Lines that are wrong and that have no effect. */
  readonly problems: readonly { readonly lineNumber: number; readonly message: string }[];
}
