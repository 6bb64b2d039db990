/** A third-party load generator that sends requests as fast as it gets responses, in a process of its own. */
export interface LoadTool {
  /** Includes the version, for the row. */
  readonly name: string;
  run(load: Load): Promise<LoadAnswer>;
}

export interface Load {
  readonly url: string;
  readonly method?: "GET" | "PUT";
  /** Paths that are requested in turn. */
  readonly paths: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connections: number;
  readonly ms: number;
}

export interface LoadAnswer {
  readonly requests: number;
  readonly seconds: number;
  /** Error responses, and requests without a response. */
  readonly bad: number;
}
