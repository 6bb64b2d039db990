import type { MaybePromise } from "@kvasir/client/namespace";

/**
 * A table of small named records beside the entries, for example the API tokens. A record is any JSON value.
 */
export interface RecordTable {
  /** What another process changed may be seen up to a second later. */
  get(name: string): MaybePromise<unknown>;
  put(name: string, record: unknown): Promise<void>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
  /** A record that is damaged on disk is listed as `null`; {@link get} throws `storage_corrupt` for it. */
  list(): MaybePromise<readonly { readonly name: string; readonly record: unknown }[]>;
}
