import type { KeyRange } from "../../store/listing.js";

/** Bounds as `ZRANGEBYLEX` takes them. */
export interface LexRange {
  readonly low: Buffer;
  readonly high: Buffer;
}

/** The bounds of a range, and of what is left of it past `after`. */
export function lexRange(
  { prefix = "", start, end }: KeyRange,
  {
    after,
    reverse = false,
  }: { readonly after?: string | undefined; readonly reverse?: boolean | undefined } = {},
): LexRange {
  const lows = [start ?? "", prefix].filter((text) => text !== "").map((text) => Buffer.from(text));
  const highs = [end === undefined ? null : Buffer.from(end), prefixEnd(prefix)].filter(
    (bytes) => bytes !== null,
  );
  if (after !== undefined) {
    // The first key past another one is that key and a zero byte.
    if (reverse) highs.push(Buffer.from(after));
    else lows.push(Buffer.concat([Buffer.from(after), Buffer.of(0)]));
  }
  const low = lows.sort(Buffer.compare).at(-1);
  const high = highs.sort(Buffer.compare)[0];
  return {
    low: low === undefined ? Buffer.from("-") : Buffer.concat([Buffer.from("["), low]),
    high: high === undefined ? Buffer.from("+") : Buffer.concat([Buffer.from("("), high]),
  };
}

/** The first key after all that begin with `prefix`. A byte of UTF-8 is never 0xff. */
function prefixEnd(prefix: string): Buffer | null {
  if (prefix === "") return null;
  const bytes = Buffer.from(prefix);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes;
}
