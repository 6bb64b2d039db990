const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `1.5 MB` */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** How long it is until a time: `in 3 h`. @param expiration seconds since the epoch */
export function formatTimeLeft(expiration: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round(expiration - nowMs / 1000));
  if (seconds < 120) return `in ${seconds} s`;
  if (seconds < 7_200) return `in ${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `in ${Math.round(seconds / 3_600)} h`;
  return `in ${formatCount(Math.round(seconds / 86_400))} days`;
}
