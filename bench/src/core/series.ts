/** One line of a chart. */
export interface Series {
  /** The chart that contains it, by its name in `charts/`. */
  readonly chart: string;
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}
