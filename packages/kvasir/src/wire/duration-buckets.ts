/** Upper bounds of the buckets in which durations of requests are counted, in seconds. */
export const DURATION_BUCKETS_SECONDS = [
  0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10,
] as const;

/** The index of a duration's bucket. The last bucket, after those with a bound, is for longer ones. */
export function bucketOf(seconds: number): number {
  let bucket = 0;
  while (bucket < DURATION_BUCKETS_SECONDS.length && seconds > (DURATION_BUCKETS_SECONDS[bucket] as number)) {
    bucket++;
  }
  return bucket;
}
