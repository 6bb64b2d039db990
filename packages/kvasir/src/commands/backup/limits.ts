/** Shortest time between two backups of a ring, in milliseconds. */
export const EVERY_MS_MIN = 1000;
/** Longest time between two backups of a ring, in milliseconds (24 days: the longest of a timer). */
export const EVERY_MS_MAX = 2_073_600_000;
