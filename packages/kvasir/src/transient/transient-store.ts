import { rmSync } from "node:fs";
import { KvError } from "@kvasir/client/namespace";
import { type Clock, type MaybePromise, open, type Store } from "@kvasir/store";
import { REPLACED_RESPONSE_KEPT_MS } from "./limits.js";

/** The namespace of cached responses. */
export const RESPONSES = "responses";
/** The namespace of rate limit counters. */
export const RATE_LIMITS = "rate-limits";

export interface TransientStoreOptions {
  /** A directory, or `":memory:"`. */
  readonly location: string;
  readonly clock: Clock;
}

/**
 * The store for data that may be lost: a second data directory beside the namespaces, which all processes
 * share. It has a writer of its own, so durable writes never wait for it, and does not wait for the disk.
 * Lists of namespaces, exports and checks never see it.
 *
 * It is opened on first use, so a start without cached responses costs nothing. If it is damaged, or another
 * version wrote it, it begins empty.
 */
export class TransientStore {
  readonly #options: TransientStoreOptions;
  #store: MaybePromise<Store> | undefined;
  #closed = false;

  constructor(options: TransientStoreOptions) {
    this.#options = options;
  }

  /** @throws KvError `storage_full`, `storage_read_only`, `unavailable` */
  open(): MaybePromise<Store> {
    if (this.#store === undefined) {
      if (this.#closed) throw new KvError("unavailable", "The server is shutting down");
      const opening = this.#open();
      this.#store = opening;
      opening.then(
        (store) => {
          if (this.#store === opening) this.#store = store;
        },
        () => {
          if (this.#store === opening) this.#store = undefined;
        },
      );
    }
    return this.#store;
  }

  /** Opens the store anew on next use if `error` says that this one can no longer be used. */
  failed(error: KvError): void {
    if (error.code !== "storage_gone") return;
    const store = this.#store;
    this.#store = undefined;
    void closeStore(store);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await closeStore(this.#store);
  }

  async #open(): Promise<Store> {
    const { location, clock } = this.#options;
    const openIt = () =>
      open(location, { clock, durability: "relaxed", replacedKeptMs: REPLACED_RESPONSE_KEPT_MS });
    let database: ReturnType<typeof openIt>;
    try {
      database = openIt();
    } catch (error) {
      if (!(error instanceof KvError) || !BEGIN_EMPTY.has(error.code)) throw error;
      rmSync(location, { recursive: true, force: true });
      database = openIt();
    }
    await Promise.all([RESPONSES, RATE_LIMITS].map((name) => database.catalog.ensure(name, name)));
    return database.store;
  }
}

const BEGIN_EMPTY: ReadonlySet<string> = new Set(["storage_corrupt", "storage_format"]);

async function closeStore(store: MaybePromise<Store> | undefined): Promise<void> {
  try {
    await (await store)?.close();
  } catch {
    // It never opened, or its files are gone.
  }
}
