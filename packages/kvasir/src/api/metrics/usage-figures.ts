import type { NamespaceUsage, Store } from "@kvasir/store";
import { USAGE_REST_FACTOR, USAGE_WAIT_MS } from "./limits.js";

/**
 * What namespaces hold. Counting reads every entry, so it is done only when somebody asks, the data have changed,
 * and the last count is long enough ago. Until then, and while a count takes long, the last figures are returned.
 */
export class UsageFigures {
  readonly #store: Pick<Store, "maintenance" | "changes">;
  readonly #monotonicMs: () => number;
  #last: readonly NamespaceUsage[] = [];
  #counting: Promise<void> | undefined;
  /** The position of the changes at the last count. */
  #position: string | undefined;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(
    store: Pick<Store, "maintenance" | "changes">,
    monotonicMs: () => number = () => performance.now(),
  ) {
    this.#store = store;
    this.#monotonicMs = monotonicMs;
  }

  async current(): Promise<readonly NamespaceUsage[]> {
    if (this.#counting === undefined && this.#monotonicMs() >= this.#nextMs) {
      this.#counting = this.#count().finally(() => {
        this.#counting = undefined;
      });
    }
    await soon(this.#counting);
    return this.#last;
  }

  /** `undefined` for data in a cluster: to count them costs less than to know a position of all their changes. */
  async #positionNow(): Promise<string | undefined> {
    const { maintenance, changes } = this.#store;
    return maintenance.cluster === undefined ? await changes.position() : undefined;
  }

  async #count(): Promise<void> {
    const startMs = this.#monotonicMs();
    try {
      const position = await this.#positionNow();
      if (position !== undefined && position === this.#position) return;
      this.#last = (await this.#store.maintenance.usage?.()) ?? [];
      this.#position = position;
    } catch {
      // The store is closed or damaged, which others report. The last figures stay.
    }
    const endMs = this.#monotonicMs();
    this.#nextMs = endMs + (endMs - startMs) * USAGE_REST_FACTOR;
  }
}

async function soon(counting: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, USAGE_WAIT_MS);
  });
  await Promise.race([counting, late]);
  clearTimeout(timer);
}
