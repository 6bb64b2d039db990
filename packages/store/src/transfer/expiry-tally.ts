/** Width of a bucket, in milliseconds. */
const BUCKET_MS = 600_000;
/** How far ahead expiries are counted, in milliseconds: longer than a copy takes. */
const HORIZON_MS = 86_400_000;

/**
 * Counts entries by when they expire, in few numbers, so that a later count of the entries can be compared with
 * how many there were.
 */
export class ExpiryTally {
  readonly #buckets: Map<number, number>;

  /** @param counted what {@link ExpiryTally.counted} gave before */
  constructor(counted: readonly (readonly [bucket: number, count: number])[] = []) {
    this.#buckets = new Map(counted);
  }

  get counted(): readonly (readonly [bucket: number, count: number])[] {
    return [...this.#buckets];
  }

  add(expirationMs: number | null, nowMs: number): void {
    if (expirationMs === null || expirationMs > nowMs + HORIZON_MS) return;
    const bucket = Math.floor(expirationMs / BUCKET_MS);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** At most so many of the entries have expired. */
  expiredMax(nowMs: number): number {
    let count = 0;
    for (const [bucket, entries] of this.#buckets) if (bucket * BUCKET_MS <= nowMs) count += entries;
    return count;
  }
}
