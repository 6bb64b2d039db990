export interface Axis {
  readonly label: string;
  /** Where the figure lies on a straight scale. */
  place(figure: number): number;
  /** Figures that get a line and a word, for data that reach from `least` to `most`. */
  ticks(least: number, most: number): readonly number[];
  word(tick: number): string;
}

/** Equal factors at equal distances: what doubles looks the same at any size. */
export function logAxis(label: string, word: (tick: number) => string): Axis {
  return {
    label,
    word,
    place: Math.log10,
    ticks(least, most) {
      const decades = range(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)));
      // Within few decades the powers of ten alone would leave the axis nearly bare.
      const steps = decades.length > 4 ? [1] : [1, 2, 5];
      const ticks = decades.flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)));
      const first = ticks.findLastIndex((tick) => tick <= least);
      const last = ticks.findIndex((tick) => tick >= most);
      return ticks.slice(Math.max(0, first), last < 0 ? ticks.length : last + 1);
    },
  };
}

/** Each further nine at an equal distance: the tail is what the chart is about. */
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
