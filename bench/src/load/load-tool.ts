/** A load generator of others that asks as fast as it is answered, in a process of its own. */
export interface LoadTool {
  /** With its version, as a row names it. */
  readonly name: string;
  run(load: Load): Promise<LoadAnswer>;
}

export interface Load {
  readonly url: string;
  readonly method?: "GET" | "PUT";
  /** Paths asked for in turn. */
  readonly paths: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connections: number;
  readonly ms: number;
}

export interface LoadAnswer {
  readonly requests: number;
  readonly seconds: number;
  /** Answers that were no success, and requests that were never answered. */
  readonly bad: number;
}
