export interface Axis {
  readonly label: string;
  /** The position of the figure on a linear scale. */
  place(figure: number): number;
  /** The figures that get a line and a label, for data from `least` to `most`. */
  ticks(least: number, most: number): readonly number[];
  word(tick: number): string;
}

/** Equal factors have equal distances, so that a doubling looks the same at any size. */
export function logAxis(label: string, word: (tick: number) => string): Axis {
  return {
    label,
    word,
    place: Math.log10,
    ticks(least, most) {
      const decades = range(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)));
      // With few decades, powers of ten alone would leave the axis nearly empty.
      const steps = decades.length > 4 ? [1] : [1, 2, 5];
      const ticks = decades.flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)));
      const first = ticks.findLastIndex((tick) => tick <= least);
      const last = ticks.findIndex((tick) => tick >= most);
      return ticks.slice(Math.max(0, first), last < 0 ? ticks.length : last + 1);
    },
  };
}

/** Each further nine has an equal distance, because the chart is about the tail. */
export function percentileAxis(label: string): Axis {
  return {
    label,
    word: (percent) => `p${percent}`,
    place: (percent) => -Math.log10(1 - percent / 100),
    ticks: () => [0, 50, 90, 99, 99.9, 99.99],
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
