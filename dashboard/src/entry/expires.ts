/** When an entry expires, as a put takes it; `{}` for never. */
export interface Expiry {
  readonly expiration?: number;
  readonly expirationTtl?: number;
}

/**
 * Reads seconds from now, or a date.
 *
 * @throws Error which says what may be written
 */
export function parseExpires(text: string, nowMs: number): Expiry {
  const trimmed = text.trim();
  if (trimmed === "") return {};
  if (/^\d+$/.test(trimmed)) {
    const seconds = Number(trimmed);
    if (seconds < 60) throw new Error("A key lives at least 60 seconds.");
    return { expirationTtl: seconds };
  }
  const ms = Date.parse(trimmed);
  if (Number.isNaN(ms)) {
    throw new Error("Write seconds from now, such as 3600, or a date, such as 2030-01-31 12:00.");
  }
  if (ms <= nowMs) throw new Error("This date is in the past.");
  if (ms < nowMs + 60_000) throw new Error("A key lives at least 60 seconds.");
  return { expiration: Math.round(ms / 1000) };
}

/** A stored expiry as the field shows it. @param expiration seconds since the epoch */
export function expiresText(expiration: number | undefined): string {
  return expiration === undefined ? "" : new Date(expiration * 1000).toISOString().replace(".000Z", "Z");
}
