/** The names that the process outside workerd and the code inside it share. */

/** The binding through which the Worker of a Python or Go function reaches its process. */
export const PROCESS_BINDING = "PROCESS";
/** The binding through which a Worker's entry asks its static assets before the user's code. */
export const ASSETS_BINDING = "kvasir:assets";
/** Says whether assets respond to everything (`all`) or only to what they have (`found`). */
export const ASSETS_HEADER = "kvasir-assets";
/** The entrypoint for workerd's control socket, beside the user's own entrypoints. */
export const CONTROL_ENTRYPOINT = "__kvasirControl";

/**
 * The entrypoint for requests of clients. It waits in the gate, reports the request and shows the error page. Other
 * Workers call the default export instead, and see its errors.
 */
export const FRONT_ENTRYPOINT = "__kvasirFront";

/** The address at which workerd reaches the binding dialect. */
export interface FunctionsEndpoint {
  /** `unix:/path` or `127.0.0.1:port`, the form of workerd's external services. */
  readonly address: string;
  /** The address of the service behind the Cache API, in the same form. @default Workers have no caches */
  readonly cacheAddress?: string | undefined;
  /** The headers that each request must carry, in addition to `Kvasir-Namespace`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What `fetch` in a function may reach. */
export type Outbound = "all" | "public";
