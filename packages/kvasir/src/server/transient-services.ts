import type { KvError } from "@kvasir/client/namespace";
import type { Clock, MaybePromise } from "@kvasir/store";
import type { EventSink } from "../events/events.js";
import { Repeats } from "../events/repeats.js";
import type { RateLimits } from "../transient/rate-limits.js";
import type { ResponseCache } from "../transient/response-cache.js";
import type { TransientStore } from "../transient/transient-store.js";
import { CACHE_BYTES_MAX } from "./limits.js";

export interface TransientOptions {
  /** The directory for the data, or `":memory:"`. */
  readonly location: string;
  readonly clock: Clock;
  /** Most bytes of cached responses. @default CACHE_BYTES_MAX */
  readonly cacheBytesMax?: number | undefined;
  readonly onEvent: EventSink;
}

interface Services {
  readonly store: TransientStore;
  readonly cache: ResponseCache;
  readonly rateLimits: RateLimits;
}

/** Cached responses and rate limits. Code and data are loaded by the first request that needs them. */
export class TransientServices {
  readonly #options: TransientOptions;
  readonly #repeats = new Repeats();
  #services: MaybePromise<Services> | undefined;

  constructor(options: TransientOptions) {
    this.#options = options;
  }

  readonly cache = (): MaybePromise<ResponseCache> => {
    const services = this.#loaded();
    return services instanceof Promise ? services.then(({ cache }) => cache) : services.cache;
  };

  readonly rateLimits = async (): Promise<RateLimits> => (await this.#loaded()).rateLimits;

  async close(): Promise<void> {
    await (await this.#services)?.store.close();
  }

  #loaded(): MaybePromise<Services> {
    if (this.#services === undefined) {
      this.#services = this.#load().then((services) => {
        this.#services = services;
        return services;
      });
    }
    return this.#services;
  }

  async #load(): Promise<Services> {
    const [{ TransientStore }, { ResponseCache }, { RateLimits }] = await Promise.all([
      import("../transient/transient-store.js"),
      import("../transient/response-cache.js"),
      import("../transient/rate-limits.js"),
    ]);
    const { location, clock, cacheBytesMax = CACHE_BYTES_MAX } = this.#options;
    const store = new TransientStore({ location, clock });
    const cache = new ResponseCache(store, {
      clock,
      bytesMax: cacheBytesMax,
      onProblem: (error) => this.#report(error),
    });
    return { store, cache, rateLimits: new RateLimits(store, clock) };
  }

  /** Reported at intervals: each request of a Worker may meet the same problem. */
  #report({ message, hint }: KvError): void {
    const text = this.#repeats.admit(`Responses are not cached: ${message}`);
    if (text === undefined) return;
    this.#options.onEvent({ event: "error", message: text, ...(hint === undefined ? {} : { hint }) });
  }
}
