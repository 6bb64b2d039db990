/** The reason why a function cannot run, written for its author: what is wrong, where, and what to do. */
export class FunctionError extends Error {
  readonly hint: string | undefined;
  /** Source-mapped stack frames, if there are any. */
  readonly frames: string | undefined;

  constructor(
    message: string,
    options: { readonly hint?: string | undefined; readonly frames?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.frames = options.frames;
  }
}
FunctionError.prototype.name = "FunctionError";
