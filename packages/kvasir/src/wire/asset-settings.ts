/** What the Worker that serves static assets is told. */
export interface AssetSettings {
  /** The path of the assets' folder in the service that reads the files, by segments. */
  readonly folder: readonly string[];
  readonly htmlHandling: HtmlHandling;
  readonly notFoundHandling: NotFoundHandling;
  /** The path under which they are served. Begins and ends with a slash. */
  readonly basePath: string;
  /** Whether a path without a file counts as found if `notFoundHandling` has a page for it. */
  readonly notFoundCounts: boolean;
  /** Whether a browser's navigation gets `notFoundHandling` instead of the Worker. */
  readonly navigationPrefersAssets: boolean;
  readonly redirects: readonly RedirectRule[];
  readonly headers: readonly HeaderRule[];
  /** Patterns of files that are not served, in the syntax of .gitignore. */
  readonly ignored: readonly string[];
}

/** How a path without a file of exactly that name leads to an HTML file. */
export type HtmlHandling = "auto-trailing-slash" | "force-trailing-slash" | "drop-trailing-slash" | "none";
/** The response to a path without a file. */
export type NotFoundHandling = "none" | "404-page" | "single-page-application";

/** One line of `_redirects`. */
export interface RedirectRule {
  /** A path. May have one `*` and several `:name`. */
  readonly from: string;
  readonly to: string;
  /** 200 serves another path without a redirect. */
  readonly status: number;
  readonly lineNumber: number;
  /** Whether the path is compared as a whole. Such rules come before the others. */
  readonly isStatic: boolean;
}

/** One block of `_headers`. */
export interface HeaderRule {
  /** A path or a URL. May have one `*` and several `:name`. */
  readonly path: string;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** Which requests the Worker gets without a look at the assets: all, none, or those of some patterns. */
export type WorkerFirst =
  | boolean
  | {
      /** Patterns of paths that the Worker handles. `*` stands for any text. */
      readonly worker: readonly string[];
      /** Exceptions, which win. */
      readonly assets: readonly string[];
    };

/** What the entry of a Worker with assets is told. */
export interface AssetRouting {
  readonly workerFirst: WorkerFirst;
  /** Whether there is no Worker beside the assets. */
  readonly alone: boolean;
}
