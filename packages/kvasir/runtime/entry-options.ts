import type { AssetRouting } from "../src/wire/asset-settings.js";

/** Settings that the generated main module passes for its function. */
export interface EntryOptions {
  readonly name: string;
  readonly mode: "dev" | "serve";
  /** Requests wait while a new workerd takes over from the old one. */
  readonly gated: boolean;
  /** The path prefix that a router removed: `/name`, or an empty string. */
  readonly prefix: string;
  /** If the Worker has static assets: when they respond. */
  readonly assets?: AssetRouting;
  /** Whether `/__scheduled` runs the function's `scheduled` handler in `dev`, as in wrangler. */
  readonly testScheduled: boolean;
  /** Whether pages reload after an edit. */
  readonly liveReload: boolean;
  /** Whether each request is reported. */
  readonly logRequests: boolean;
  /** Renders the page for an uncaught error. Only set in `dev`. */
  readonly errorPage?: (error: { message: string; stack: string }, request: Request) => Promise<Response>;
}
