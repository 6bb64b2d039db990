/** Starts a line of workerd's log that is a report from our own code inside it, not a user's output. */
export const REPORT_MARK = "\u0001kvasir:";

/** What the code around a user's function tells the process outside, as JSON behind {@link REPORT_MARK}. */
export type FunctionReport =
  | { readonly type: "error"; readonly function: string; readonly message: string; readonly stack: string }
  | {
      readonly type: "request";
      readonly function: string;
      readonly method: string;
      /** Path and query, as the client sent them. */
      readonly path: string;
      readonly status: number;
      /** From its coming in to its answer, in milliseconds. */
      readonly ms: number;
    }
  /** Work after responses had not finished when the process had to end. */
  | { readonly type: "unfinished"; readonly function: string; readonly tasks: number }
  /** A function that is a process of its own let a request wait for too long. */
  | { readonly type: "timeout"; readonly function: string };
