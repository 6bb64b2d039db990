import type { Catalog, Clock, Namespace, Store } from "@kvasir/store";
import type { EventStreams } from "../http/event-stream.js";

/** What the routes of a server share. */
export interface ApiContext {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** The account that clients without an account id are told of. */
  readonly account: string;
  readonly eventStreams: EventStreams;
  /** A namespace under the rules of the Workers and Cloudflare dialects. */
  namespace(id: string): Namespace;
}
