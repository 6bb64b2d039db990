/** Upper bounds of the duration buckets, in seconds. */
export const DURATION_BUCKETS_SECONDS = [
  0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10,
] as const;

/**
 * The responses of one route, as plain numbers. A labelled metric object would look up its labels on every
 * request, which costs more than the read that it counts.
 */
export class RouteStats {
  /** Responses by status, except 200. */
  readonly #byStatus = new Map<number, number>();
  /** Responses by duration bucket. The last one is for longer ones. */
  readonly buckets = new Float64Array(DURATION_BUCKETS_SECONDS.length + 1);
  secondsSum = 0;
  #ok = 0;

  observe(status: number, seconds: number): void {
    if (status === 200) this.#ok++;
    else this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.secondsSum += seconds;
    let bucket = 0;
    while (
      bucket < DURATION_BUCKETS_SECONDS.length &&
      seconds > (DURATION_BUCKETS_SECONDS[bucket] as number)
    ) {
      bucket++;
    }
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
  }

  get count(): number {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  *statuses(): Iterable<readonly [status: number, count: number]> {
    if (this.#ok > 0) yield [200, this.#ok];
    yield* this.#byStatus;
  }
}
