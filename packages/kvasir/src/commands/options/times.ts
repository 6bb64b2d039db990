const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Parses a duration such as `30d` to milliseconds. Returns `undefined` for other text. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? undefined : Number(count) * unitMs;
}

/**
 * Parses a date (midnight UTC) or a date and time, to milliseconds since the epoch. Returns `undefined` for other text.
 */
export function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return undefined;
  const timeMs = Date.parse(text);
  // Date.parse reads 2027-02-30 as March 2.
  const asWritten = text.length > 10 || new Date(timeMs || 0).toISOString().startsWith(text);
  return Number.isNaN(timeMs) || !asWritten ? undefined : timeMs;
}
