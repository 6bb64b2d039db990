/**
 * What `dev` and `serve` report while they run. A terminal renders these for people; with `--json` each is one
 * line of JSON on stdout.
 */
export type KvasirEvent =
  | {
      readonly event: "ready";
      /** Absent when there are no functions. */
      readonly functions?: string;
      readonly api: string;
      readonly ms: number;
    }
  | {
      readonly event: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      /** The function that printed it; absent for Kvasir's own messages. */
      readonly function?: string;
      readonly message: string;
    }
  | {
      readonly event: "request";
      /** The function that answered; absent for requests to the API. */
      readonly function?: string;
      readonly method: string;
      /** Path and query. */
      readonly path: string;
      readonly status: number;
      readonly ms: number;
    }
  | {
      readonly event: "error";
      readonly function?: string;
      /** An exception that nothing expected: a bug of Kvasir. `/metrics` counts them. */
      readonly unexpected?: true;
      /** The request that it ended, as the client was told in `X-Request-Id`. */
      readonly request?: string;
      readonly message: string;
      /** Source-mapped where it comes from a function. */
      readonly stack?: string;
      readonly hint?: string;
    };

export type EventSink = (event: KvasirEvent) => void;
