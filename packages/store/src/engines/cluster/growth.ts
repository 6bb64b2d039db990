import { KvError } from "@kvasir/client/namespace";
import { monotonicMs } from "../../store/timers.js";
import type { Catalog } from "./catalog.js";
import { GROWTH_CHECK_MS } from "./limits.js";
import type { Session } from "./session.js";
import { usageOf } from "./usage.js";

/** Tells which namespaces have outgrown their buckets, each once. */
export class Growth {
  readonly #session: Session;
  readonly #catalog: Catalog;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #told: ReadonlySet<string> = new Set();

  constructor(session: Session, catalog: Catalog) {
    this.#session = session;
    this.#catalog = catalog;
  }

  async checkWhenDue(): Promise<void> {
    if (monotonicMs() - this.#checkedMs < GROWTH_CHECK_MS) return;
    this.#checkedMs = monotonicMs();
    const full = (await usageOf(this.#session, this.#catalog)).filter(({ buckets }) => buckets?.advice);
    for (const { namespace, buckets } of full) {
      if (this.#told.has(namespace)) continue;
      this.#session.report(new KvError("bad_request", buckets?.advice ?? ""));
    }
    this.#told = new Set(full.map(({ namespace }) => namespace));
  }
}
