/** The head of a request. Node's `IncomingMessage` satisfies it. */
export interface RequestHead {
  readonly method?: string | undefined;
  /** The target in the request line, still percent-encoded. */
  readonly url?: string | undefined;
  /** Names, in their original case, and values, alternating. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> & {
    readonly "content-length"?: string | undefined;
    readonly "content-type"?: string | undefined;
    readonly "if-match"?: string | undefined;
    readonly "if-none-match"?: string | undefined;
    readonly host?: string | undefined;
    readonly origin?: string | undefined;
  };
}
