/** Why a function cannot run, in words for its author: what is wrong and where, then what to do. */
export class FunctionError extends Error {
  readonly hint: string | undefined;
  /** Source-mapped, where there is one. */
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
