/** The last good backup of a ring. */
export interface LastBackup {
  /** The time that it shows, in milliseconds since the epoch; `null` if there is none. */
  readonly atMs: number | null;
  /** Its age, in seconds; how long this process has waited for one if there is none. */
  readonly ageSeconds: number;
}
