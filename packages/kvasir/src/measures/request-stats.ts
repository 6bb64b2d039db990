import { bucketOf, DURATION_BUCKETS_SECONDS } from "../wire/duration-buckets.js";
import type { RequestCounts } from "../wire/function-report.js";

/**
 * Responses of one kind, as plain numbers. A labelled metric object would look up its labels on every request,
 * which costs more than the read that it counts.
 */
export class RequestStats {
  /** Responses by status, except 200. */
  readonly #byStatus = new Map<number, number>();
  /** Responses by duration bucket. The last one is for longer ones. */
  readonly buckets = new Float64Array(DURATION_BUCKETS_SECONDS.length + 1);
  secondsSum = 0;
  #ok = 0;

  observe(status: number, seconds: number): void {
    this.#count(status, 1);
    this.secondsSum += seconds;
    const bucket = bucketOf(seconds);
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
  }

  /** Adds what was counted elsewhere. */
  add({ statuses, buckets, seconds }: RequestCounts): void {
    for (const [status, count] of Object.entries(statuses)) this.#count(Number(status), count);
    for (const [at, count] of buckets.entries()) this.buckets[at] = (this.buckets[at] as number) + count;
    this.secondsSum += seconds;
  }

  get count(): number {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  *statuses(): Iterable<readonly [status: number, count: number]> {
    if (this.#ok > 0) yield [200, this.#ok];
    yield* this.#byStatus;
  }

  #count(status: number, count: number): void {
    if (status === 200) this.#ok += count;
    else this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + count);
  }
}
