/** The names that the process outside workerd and the code inside it share. */

/** The binding through which the Worker of a Python or Go function reaches its process. */
export const PROCESS_BINDING = "PROCESS";
/** The entrypoint for workerd's control socket, beside the user's own entrypoints. */
export const CONTROL_ENTRYPOINT = "__kvasirControl";

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
