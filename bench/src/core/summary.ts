/** The summary of several rounds of one measurement. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

/**
 * @throws TypeError if there are no samples, because a scenario that measured nothing must not look measured
 */
export function summarize(samples: readonly number[]): Summary {
  return {
    median: percentile(samples, 50),
    least: Math.min(...samples),
    most: Math.max(...samples),
    rounds: samples.length,
  };
}

/** The nearest-rank percentile of many figures in ascending order. */
export function percentileOfSorted(sorted: Float64Array, percent: number): number {
  const value = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1];
  if (value === undefined) throw new TypeError("No samples were taken.");
  return value;
}

/** The nearest-rank percentile. The median of an even number of samples is the mean of the middle two. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new TypeError("No samples were taken.");
  const next = sorted[rank];
  return percent === 50 && sorted.length % 2 === 0 && next !== undefined ? (value + next) / 2 : value;
}
