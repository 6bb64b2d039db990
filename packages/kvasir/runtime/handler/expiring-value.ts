/**
 * Smallest `expires_at` that counts as milliseconds since the epoch (in 1973). Smaller numbers are seconds,
 * written by some other program.
 */
const EXPIRES_AT_MS_MIN = 100_000_000_000;

/**
 * Reads a stored text that helpers of any language (`kvPutWithExpiry`, `kv_put_with_expiry`) may have
 * written as `{"value", "expires_at"}`. Only a text that clearly has this form can be expired. Values of
 * other programs stay untouched.
 */
export function expiringValue(text: string): { readonly value: unknown; readonly expired: boolean } {
  const stored = parsed(text);
  const isExpiring =
    typeof stored === "object" &&
    stored !== null &&
    Object.keys(stored).length === 2 &&
    "value" in stored &&
    "expires_at" in stored;
  if (!isExpiring) return { value: text, expired: false };
  const { value, expires_at: at } = stored;
  return { value, expired: typeof at === "number" && at >= EXPIRES_AT_MS_MIN && at < Date.now() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
