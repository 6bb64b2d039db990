/**
 * Events that `dev` and `serve` report while they run. A terminal renders them for people. With `--json` each
 * event is one line of JSON on stdout.
 */
export type KvasirEvent =
  | {
      readonly event: "ready";
      /** Absent if there are no functions. */
      readonly functions?: string;
      readonly api: string;
      readonly ms: number;
    }
  /** The members of a function's `env`, at the start of `dev`. */
  | {
      readonly event: "bindings";
      readonly function: string;
      readonly bindings: readonly {
        readonly name: string;
        readonly kind: string;
        readonly target: string | undefined;
      }[];
    }
  | {
      readonly event: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      /** The function that printed it. Absent for Kvasir's own messages. */
      readonly function?: string;
      /** The id of the request during which a Python function printed it, if requests are logged. */
      readonly request?: string;
      readonly message: string;
    }
  | {
      readonly event: "request";
      /** The id of the request. Its client gets it in `X-Request-Id`, except from functions in `dev`. */
      readonly request: string;
      /** The function that responded. Absent for requests to the API. */
      readonly function?: string;
      readonly method: string;
      /** Path and query, without secrets (`printedTarget`). */
      readonly path: string;
      readonly status: number;
      /** From the arrival of the request to the head of its response, in milliseconds. */
      readonly ms: number;
      /** The length of the response's body. Absent if it is not known at its head. */
      readonly bytes?: number;
      /** The id of the token, or `admin` for the admin token that the server was started with. */
      readonly token?: string;
      /** The id of the namespace that the request names. */
      readonly namespace?: string;
    }
  | {
      readonly event: "error";
      readonly function?: string;
      /** Set for an unexpected exception, which is a bug of Kvasir. `/metrics` counts these. */
      readonly unexpected?: true;
      /** The request that the error ended. Its client got the same id in `X-Request-Id`. */
      readonly request?: string;
      readonly message: string;
      /** Source-mapped if it comes from a function. */
      readonly stack?: string;
      /** The code around the place where a function threw, with a mark at the line. Only in `dev`. */
      readonly excerpt?: string;
      readonly hint?: string;
    };

export type EventSink = (event: KvasirEvent) => void;
