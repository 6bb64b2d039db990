/** Marks a line of workerd's log as a report from our own code, as opposed to a user's output. */
export const REPORT_MARK = "\u0001kvasir:";

/** Stands before and after the name of the function that wrote a line, where several share one log. */
export const CONSOLE_MARK = "\u0002";

/** Requests that a function has responded to since its last report. */
export interface RequestCounts {
  /** Responses by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Responses by duration, in the buckets of `DURATION_BUCKETS_SECONDS`. The last one is for longer ones. */
  readonly buckets: readonly number[];
  /** Their durations together. */
  readonly seconds: number;
}

/** A report from the code around a user's function to Kvasir, as JSON after {@link REPORT_MARK}. */
export type FunctionReport =
  | {
      readonly type: "error";
      readonly function: string;
      readonly message: string;
      readonly stack: string;
      /** The id of the request that failed, if requests are logged. */
      readonly request?: string;
    }
  | {
      readonly type: "request";
      readonly function: string;
      /** Its id. */
      readonly request: string;
      readonly method: string;
      /** Path and query, as the client sent them. */
      readonly path: string;
      readonly status: number;
      /** Time from the arrival of the request to its response, in milliseconds. */
      readonly ms: number;
      /** The length of the response's body, if its head says it. */
      readonly bytes?: number;
    }
  | ({ readonly type: "requests"; readonly function: string } & RequestCounts)
  /** Background work had not finished when the process had to end. */
  | { readonly type: "unfinished"; readonly function: string; readonly tasks: number }
  /** A process function did not respond to a request in time. */
  | { readonly type: "timeout"; readonly function: string };
