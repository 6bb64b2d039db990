/** Requests to one Worker with assets. */
export interface AssetCase {
  readonly name: string;
  /** The project's folder, with the files in `public`. */
  readonly folder: string;
  /** `assets` of the config, without the directory. */
  readonly assets: Readonly<Record<string, unknown>> & {
    readonly html_handling?: "none";
    readonly not_found_handling?: "none";
    readonly base_path?: string;
    readonly binding?: string;
    readonly run_worker_first?: boolean | string[];
  };
  /** The Worker. @default none */
  readonly code?: string | undefined;
  readonly requests: readonly AssetRequest[];
}

export interface AssetRequest {
  readonly path: string;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
