import type { Catalog, Clock, Namespace, Store } from "@kvasir/store";
import type { EventStreams } from "../http/event-stream.js";
import type { Readiness } from "./readiness.js";

/** What the routes of a server share. */
export interface ApiContext {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** The account id given to clients that ask for one. */
  readonly account: string;
  readonly eventStreams: EventStreams;
  readonly readiness: Readiness;
  /** A namespace with the rules of the Workers and Cloudflare dialects. */
  namespace(id: string): Namespace;
}
