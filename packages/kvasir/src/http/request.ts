/** What a request says before its body. Node's `IncomingMessage` is one. */
export interface RequestHead {
  readonly method?: string | undefined;
  /** What stands in the request line, still percent-encoded. */
  readonly url?: string | undefined;
  /** Names as they were sent, and values, in turn. */
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
